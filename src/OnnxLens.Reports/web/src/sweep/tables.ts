import { DataTable, type DataColumn } from '../shared/data-table';
import { pointText, SITES } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import { printedNumber, printedPercent } from '../shared/printed-text';
import type { Sort } from '../shared/sorting';
import type { Curve } from './data';
import type { SampleLine } from './samples';

/** A column of numbers as the program prints them. */
const number = <R>(
    key: string,
    head: string,
    value: (row: R) => number,
    hint?: string,
    text = printedNumber,
): DataColumn<R> => ({
    key,
    head,
    numeric: true,
    ...(hint === undefined ? {} : { hint }),
    text: (row) => text(value(row)),
    value,
});

const name = <R>(key: string, head: string, value: (row: R) => string): DataColumn<R> => ({
    key,
    head,
    numeric: false,
    text: (row) => nameText(value(row)),
    value,
});

const POINT_COLUMNS: readonly DataColumn<Curve>[] = [
    {
        key: 'point',
        head: 'point',
        numeric: false,
        text: pointText,
        value: (curve) => curve.layer * SITES.length + (SITES as readonly string[]).indexOf(curve.site),
    },
    name('dataset', 'dataset', (curve) => curve.dataset),
    name('vector', 'vector', (curve) => curve.vector),
    number('slope', 'slope', (curve) => curve.slope, 'mean slope, logits per unit'),
    number('low', 'CI low', (curve) => curve.low, 'lower end of its bootstrap interval'),
    number('high', 'CI high', (curve) => curve.high, 'upper end of its bootstrap interval'),
    number('r2', 'R²', (curve) => curve.r2, 'of the mean curve'),
    number('anti', 'anti %', (curve) => curve.antiSteerable, 'samples with a slope below 0', printedPercent),
    number(
        'monotonic',
        'mono %',
        (curve) => curve.monotonic,
        'samples whose propensity rises at every step',
        printedPercent,
    ),
    number('random', 'random', (curve) => curve.controlMean, 'mean slope of random vectors of the same norm'),
    number('sd', '± sd', (curve) => curve.controlSd, 'standard deviation of their slopes'),
    number('kl', 'KL at 1', (curve) => curve.kl, 'on ordinary text, nats'),
    number('ratio', 'perpl. × at 1', (curve) => curve.perplexityRatio, 'perplexity of ordinary text, steered over not'),
    number('shuffled', 'shuffled', (curve) => curve.shuffled, 'slope of the vector of shuffled labels'),
    number('letter', 'letter', (curve) => curve.letterVector, 'slope of the vector of the letter alone'),
    name('verdict', 'verdict', (curve) => curve.verdict.replaceAll('_', ' ')),
];

const SAMPLE_COLUMNS: readonly DataColumn<SampleLine>[] = [
    name('sample', 'sample', (sample) => sample.id),
    name('letter', 'letter', (sample) => sample.letter),
    number('slope', 'slope', (sample) => sample.slope, 'logits per unit'),
    number('intercept', 'intercept', (sample) => sample.intercept, 'fitted propensity at multiplier 0'),
    number('r2', 'R²', (sample) => sample.r2),
    number('spearman', 'Spearman', (sample) => sample.spearman, 'rank correlation of propensity and multiplier'),
    name('course', 'goes', (sample) => `${sample.course}${sample.course === 'still' ? '' : ' the mean'}`),
];

/** All hook points of all vectors and datasets; columns of which nothing was measured are left out. */
export function pointTable(
    curves: readonly Curve[],
    sorted: (sort: Sort) => void,
    choose: (curve: Curve) => void,
): DataTable<Curve> {
    const isKnown = (column: DataColumn<Curve>): boolean =>
        !column.numeric || curves.some((curve) => !Number.isNaN(column.value(curve)));
    return new DataTable({ caption: 'All hook points', columns: POINT_COLUMNS.filter(isKnown), sorted, choose });
}

/** The samples of a curve; those that go against the mean are marked. */
export const sampleTable = (
    sorted: (sort: Sort) => void,
    choose: (sample: SampleLine) => void,
): DataTable<SampleLine> =>
    new DataTable({
        caption: 'Samples',
        columns: SAMPLE_COLUMNS,
        sorted,
        choose,
        rowClass: (sample) => (sample.course === 'against' ? 'against' : null),
    });
