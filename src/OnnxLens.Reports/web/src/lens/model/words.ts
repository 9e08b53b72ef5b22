import { bundleText } from '../../shared/bundle-text';
import { nameText } from '../../shared/name-text';
import { probabilityText, roundedText } from '../../shared/number-text';
import { type Json } from '../../shared/provenance';
import { visibleStart } from '../../shared/visible-text';
import { type CellPair } from './cell-pair';
import { type Colouring } from './colouring';
import { type LensRun } from './lens-run';
import { promptText } from './origin';
import { operationsWords } from './steering';
import { readNext, type TokenReading } from './token-reading';
import { type Place } from './view-state';

/** A token for running text: its visible form, cut where it is long, and what it is where it is no ordinary text. */
export function tokenWords(run: LensRun, id: number, length = 40): string {
    if (id < 0) {
        return 'undefined';
    }
    const kind = kindWords(run, id);
    return `${visibleStart(run.text(id), length)}${kind === '' ? '' : ` (${kind})`}`;
}

/** What a token is where it is no ordinary text; else empty. */
export function kindWords(run: LensRun, id: number): string {
    if (!run.knows(id)) {
        return 'not in this run';
    }
    switch (run.form(id)) {
        case 'special':
            return 'special';
        case 'bytes':
            return 'part of a character';
        case 'missing':
            return 'no token';
        case 'text':
            return '';
    }
}

/** What a site is. */
export const siteWords = (isResidual: boolean): string =>
    isResidual
        ? 'logit lens of the residual stream'
        : 'component lens: of what one component reads or adds, not of the residual stream';

/** A cell for those who hear it, with more that is said of it. */
export function cellWords(run: LensRun, cell: number, place: Place, ...more: readonly (string | null)[]): string {
    const token = run.tokens[place.position];
    const where = `layer ${place.layer}, position ${place.position}, ${token?.phase ?? ''} token ${tokenWords(run, token?.id ?? -1)}`;
    if (cell < 0) {
        return `${where}: not in this run`;
    }
    const said = more.flatMap((words) => (words === null ? [] : [`; ${words}`])).join('');
    if (Number.isNaN(run.logSumExp[cell])) {
        return `${where}: undefined, the activation was not a number${said}`;
    }
    const top = `top token ${tokenWords(run, run.topId(cell))}, probability ${probabilityText(Math.exp(run.topLogProb(cell)))}`;
    const rest = `entropy ${roundedText(run.entropy[cell] ?? NaN, 2)} nats, KL(final‖lens) ${roundedText(run.kl[cell] ?? NaN, 2)} nats`;
    const next = readNext(run, cell);
    const following = next.known ? `; the token that follows has rank ${next.rank}` : '';
    return `${where}: ${top}; ${rest}${following}${said}`;
}

/** The rank of a reading: exact, or the bound. */
export function rankWords(reading: TokenReading): string {
    if (reading.known) {
        return String(reading.rank);
    }
    return reading.rankBound < 0 ? '–' : `${reading.rankBound} or more`;
}

/** The probability of a reading: exact, or the bound. */
export function readingProbability(reading: TokenReading): string {
    if (reading.known) {
        return probabilityText(Math.exp(reading.logProb));
    }
    return Number.isNaN(reading.logProbBound) ? '–' : `≤ ${probabilityText(Math.exp(reading.logProbBound))}`;
}

/** The log-probability of a reading: exact, or the bound. */
export function readingLogProb(reading: TokenReading): string {
    if (reading.known) {
        return roundedText(reading.logProb);
    }
    return Number.isNaN(reading.logProbBound) ? '–' : `≤ ${roundedText(reading.logProbBound)}`;
}

/** What a run is, from where it came: steering, bundle, precision, and its name. */
export function runWords(run: LensRun): string {
    const { sampling } = run.provenance;
    const { operations } = run.steering;
    const steered = operations.length === 0 ? 'not steered' : `steered at ${operationsWords(run.steering)}`;
    const name = run.name === null ? '' : `${plain(run.name)}: `;
    const sampled = typeof sampling === 'string' ? `, ${plain(sampling)}` : '';
    return `${name}${steered}, ${bundleWords(run)}${sampled}`;
}

/** The bundle of a run in a few words, whatever its provenance holds. */
function bundleWords({ provenance: { bundle_hash: hash, precision, quantization } }: LensRun): string {
    const forms = (Array.isArray(quantization) ? (quantization as readonly Json[]) : []).filter(
        (form): form is { readonly bits: number } => typeof form === 'object' && form !== null && 'bits' in form,
    );
    const facts = { bundle_hash: String(hash ?? '?'), precision: String(precision ?? '?'), quantization: forms };
    return nameText(bundleText(facts), 200);
}

/** In what two runs differ, by their provenance, and at how many positions their tokens do. */
export function differenceWords(first: LensRun, second: LensRun): string {
    const names = [...new Set([...Object.keys(first.provenance), ...Object.keys(second.provenance)])];
    const differ = names
        .filter((name) => JSON.stringify(first.provenance[name]) !== JSON.stringify(second.provenance[name]))
        .map((name) => name.replaceAll('_', ' '));
    const tokens = [...first.positions].filter((position) => tokensDiffer(first, second, position)).length;
    const by = differ.length === 0 ? 'The provenance of both is the same' : `They differ in ${differ.join(', ')}`;
    return `${by}. ${tokens === 0 ? 'Their tokens are the same at every position of the first.' : `Their tokens differ at ${tokens} position${tokens === 1 ? '' : 's'}, marked ≠.`}`;
}

/** Whether two runs have other tokens at a position, or only one has it. */
export const tokensDiffer = (first: LensRun, second: LensRun, position: number): boolean =>
    first.text(first.tokenId(position)) !== second.text(second.tokenId(position));

/** A value of a file for a sentence. */
const plain = (value: Json | undefined): string => nameText(String(value ?? '?'), 40);

/** A run by its name or the beginning of its prompt, for the title of a window. */
export function titleWords(run: LensRun): string {
    return plain((run.name ?? promptText(run)) || 'an empty prompt');
}

/** The beginning of the prompt, where it is one: the first run's alone does not say what a second run reads. */
export function promptWords(first: LensRun, second: LensRun | null): string {
    const prompt = promptText(first);
    return second === null || promptText(second) === prompt ? `Prompt: ${nameText(prompt, 120)}` : '';
}

/** The number behind a cell's shade, with its name and unit; null where the cell's other facts say it already. */
export function shadeWords(colouring: Colouring | null, pair: CellPair): string | null {
    if (colouring === null || colouring.said || pair.cell < 0) {
        return null;
    }
    const value = colouring.value(pair);
    return `${colouring.title}: ${value === null ? unknownWords(colouring, pair) : Number.isNaN(value) ? 'undefined' : colouring.text(value)}`;
}

const unknownWords = (colouring: Colouring, pair: CellPair): string =>
    (colouring.unknownOf === undefined ? colouring.unknown : colouring.unknownOf(pair)) ?? 'not known';
