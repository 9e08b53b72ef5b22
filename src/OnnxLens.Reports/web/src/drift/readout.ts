import { element } from '../shared/dom';
import { cosineText, numberText } from '../shared/number-text';
import { visibleStart } from '../shared/visible-text';
import type { Drift } from './data';

/** What a cell of the table says, by name. */
export function readout(drift: Drift, row: number): [name: string, text: string][] {
    const table = drift.tables.drift_positions;
    const number = (column: string): number => table.numbers(column)[row] ?? NaN;
    const token = (column: string): string => tokenText(drift.tokenText(number(column))) || '–';
    const place = `${table.textOf('site')(row)}.${number('layer')}, prompt ${number('prompt')}, position ${number('position')}`;
    const lost = table.textOf('not_finite')(row);
    const here: [string, string][] = [
        ['cell', place],
        ['token', `${tokenText(table.textOf('token')(row))} (id ${number('token_id')})`],
    ];
    if (lost !== '') {
        return [...here, ['not finite', lost === 'both' ? 'in A and B' : `in ${lost.toUpperCase()}`]];
    }
    const isSame = number('top1_a') === number('top1_b');
    const isEqual = number('kl') === 0 && number('relative_difference') === 0;
    return [
        ...here,
        ['KL(A‖B)', isEqual ? 'exactly 0: A and B are equal here' : `${numberText(number('kl'))} nats`],
        ['cosine', cosineText(number('cosine'))],
        ['relative difference', numberText(number('relative_difference'))],
        ['top token', isSame ? `${token('top1_a')} in both` : `${token('top1_a')} in A, ${token('top1_b')} in B`],
        ['top tokens in common', numberText(number('topk_overlap'))],
        ['entropy', `${numberText(number('entropy_a'))} in A, ${numberText(number('entropy_b'))} in B, nats`],
        ['next token', nextText(drift, row)],
    ];
}

/** A list of names and texts. */
export const readoutList = (entries: readonly [string, string][]): HTMLElement =>
    element(
        'dl',
        { class: 'readout' },
        ...entries.flatMap(([name, text]) => [element('dt', {}, name), element('dd', {}, text)]),
    );

function nextText(drift: Drift, row: number): string {
    const table = drift.tables.drift_positions;
    const next = table.numbers('next_id')[row] ?? NaN;
    if (Number.isNaN(next)) {
        return 'none: the prompt ends here';
    }
    const logProb = (side: string): string => numberText(table.numbers(`next_logprob_${side}`)[row] ?? NaN);
    return `${tokenText(drift.tokenText(next))}, log-probability ${logProb('a')} in A, ${logProb('b')} in B`;
}

/** A token as far as it can be shown in a line. */
const tokenText = (text: string): string => visibleStart(text, 60);
