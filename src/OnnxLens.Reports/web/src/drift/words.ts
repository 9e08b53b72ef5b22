import { pointText } from '../shared/hook-points';
import { sentenceText } from '../shared/name-text';
import { cosineText, numberText, shareText } from '../shared/number-text';
import { type Drift, outputOf, type Side } from './data';

/** A sentence about a comparison, and how it is marked. */
export interface Sentence {
    readonly text: string;
    readonly kind: 'equal' | 'plain' | 'warning';
}

/** What is to be known of a comparison before anything is looked at. */
export function sentences(drift: Drift): Sentence[] {
    const all: Sentence[] = [{ text: outputText(drift), kind: 'plain' }];
    const beginning = beginningText(drift);
    if (beginning !== null) {
        all.unshift({ text: beginning, kind: drift.points.every((point) => point.isExact) ? 'equal' : 'plain' });
    }
    if (drift.looksLikeTwoModels) {
        const text =
            'A and B do not look like one model: hardly a token is the same, and activations point in other directions.';
        all.push({ text, kind: 'warning' });
    }
    return [...all, ...lostSentences(drift)];
}

/** Where drift begins; where nothing differs, that A and B are equal. */
export function beginningText({ points }: Drift): string | null {
    const first = points.findIndex((point) => !point.isExact);
    const [place, before] = [points[first], points[first - 1]];
    if (points.length > 0 && first < 0) {
        return 'A and B are equal at every point compared: activations in every bit, distributions exactly.';
    }
    if (place === undefined) {
        return null;
    }
    return before === undefined
        ? `Drift begins at ${pointText(place)}, the first point compared.`
        : `A and B are equal up to ${pointText(before)}: activations in every bit, distributions exactly. Drift begins at ${pointText(place)}.`;
}

/** The drift of the model's own output. */
export function outputText(drift: Drift): string {
    const output = outputOf(drift);
    if (output === undefined) {
        return 'The model’s own output was not compared.';
    }
    const [a, b] = [output.value('perplexity_a'), output.value('perplexity_b')];
    const perplexity =
        output.value('predicted') === 0
            ? 'no perplexity, as no compared position is followed by a token'
            : `perplexity ${numberText(a, 4)} in A, ${numberText(b, 4)} in B${a === b ? ', exactly equal,' : ''} over ${output.value('predicted')} tokens`;
    return `Model output (${pointText(output)}): KL ${numberText(output.value('kl_mean'))} nats, same top token at ${shareText(output.value('top1_agreement'))} % of positions, cosine ${cosineText(output.value('cosine_mean'))}, ${perplexity}.`;
}

/** What a bundle is, in a line. */
export function sideText(side: Side): string {
    const forms = side.quantization.map((form) =>
        [
            `int${form.bits}`,
            form.block_size === 0 ? 'no blocks' : `blocks of ${form.block_size}`,
            form.symmetric ? 'symmetric' : 'asymmetric',
            `accuracy level ${form.accuracy_level}`,
        ].join(', '),
    );
    const precision = forms.length === 0 ? side.precision : `${side.precision} over ${forms.join('; ')}`;
    const devices = [...new Set(side.devices)].join(', ');
    const shards = `${side.shards} shard${side.shards === 1 ? '' : 's'} on ${devices}`;
    return sentenceText(`${side.folder}: ${precision}; ${shards}; written by ${side.written_by}`);
}

/** In what A and B are not the same. */
export function differenceText({ provenance: { a, b } }: Drift): string {
    const differing = [
        a.bundle_hash === b.bundle_hash ? null : 'bundle',
        a.weights_hash === b.weights_hash ? null : 'weights',
        a.precision === b.precision ? null : 'precision',
        JSON.stringify(a.quantization) === JSON.stringify(b.quantization) ? null : 'quantisation',
        a.shards === b.shards ? null : 'number of shards',
        a.devices.join() === b.devices.join() ? null : 'devices',
        a.tokenizer_hash === b.tokenizer_hash ? null : 'tokenizer files',
        a.written_by === b.written_by ? null : 'program that wrote them',
    ].filter((name) => name !== null);
    return differing.length === 0 ? 'A and B are one bundle, by hash.' : `A and B differ in: ${differing.join(', ')}.`;
}

function lostSentences({ tables: { drift_positions: cells } }: Drift): Sentence[] {
    const side = cells.textOf('not_finite');
    const counts = new Map<string, number>();
    for (let row = 0; row < cells.rows; row++) {
        for (const name of side(row) === 'both' ? ['a', 'b'] : [side(row)]) {
            counts.set(name, (counts.get(name) ?? 0) + 1);
        }
    }
    counts.delete('');
    return [...counts].sort().map(([name, count]) => ({
        text: `${name.toUpperCase()} has values that are not finite in ${count} of ${cells.rows} cells, which are left out of all means.`,
        kind: 'warning',
    }));
}
