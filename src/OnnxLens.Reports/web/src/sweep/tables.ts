import { nameColumn, numberColumn, pointColumn } from '../shared/columns';
import { DataTable, type DataColumn } from '../shared/data-table';
import { percentText } from '../shared/number-text';
import type { Sort } from '../shared/sorting';
import type { Curve } from './data';
import { isAnti, type SampleLine } from './samples';

const POINT_COLUMNS: readonly DataColumn<Curve>[] = [
    pointColumn(),
    nameColumn('dataset', 'dataset', (curve) => curve.dataset),
    nameColumn('vector', 'vector', (curve) => curve.vector),
    numberColumn('slope', 'slope', (curve) => curve.slope, { hint: 'mean slope, logits per unit' }),
    numberColumn('low', 'CI low', (curve) => curve.low, { hint: 'lower end of its bootstrap interval' }),
    numberColumn('high', 'CI high', (curve) => curve.high, { hint: 'upper end of its bootstrap interval' }),
    numberColumn('r2', 'R²', (curve) => curve.r2, { hint: 'of the mean curve' }),
    numberColumn('anti', 'anti %', (curve) => curve.antiSteerable, {
        text: percentText,
        hint: 'samples with a slope below 0',
    }),
    numberColumn('monotonic', 'mono %', (curve) => curve.monotonic, {
        text: percentText,
        hint: 'samples whose propensity rises at every step',
    }),
    numberColumn('random', 'random', (curve) => curve.controlMean, {
        hint: 'mean slope of random vectors of the same norm',
    }),
    numberColumn('sd', '± sd', (curve) => curve.controlSd, { hint: 'standard deviation of their slopes' }),
    numberColumn('kl', 'KL at 1', (curve) => curve.kl, { hint: 'on ordinary text, nats' }),
    numberColumn('ratio', 'perpl. × at 1', (curve) => curve.perplexityRatio, {
        hint: 'perplexity of ordinary text, steered over not',
    }),
    numberColumn('shuffled', 'shuffled', (curve) => curve.shuffled, { hint: 'slope of the vector of shuffled labels' }),
    numberColumn('letter', 'letter', (curve) => curve.letterVector, {
        hint: 'slope of the vector of the letter alone',
    }),
    nameColumn('verdict', 'verdict', (curve) => curve.verdict.replaceAll('_', ' ')),
];

const SAMPLE_COLUMNS: readonly DataColumn<SampleLine>[] = [
    nameColumn('sample', 'sample', (sample) => sample.id),
    nameColumn('letter', 'letter', (sample) => sample.letter),
    numberColumn('slope', 'slope', (sample) => sample.slope, { hint: 'logits per unit' }),
    numberColumn('intercept', 'intercept', (sample) => sample.intercept, { hint: 'fitted propensity at multiplier 0' }),
    numberColumn('r2', 'R²', (sample) => sample.r2),
    numberColumn('spearman', 'Spearman', (sample) => sample.spearman, {
        hint: 'rank correlation of propensity and multiplier',
    }),
    {
        ...nameColumn<SampleLine>('anti', 'anti-steerable', (sample) => (isAnti(sample) ? 'yes' : 'no')),
        hint: 'slope below 0',
    },
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

/** The samples of a curve; those that are anti-steerable are marked. */
export const sampleTable = (
    sorted: (sort: Sort) => void,
    choose: (sample: SampleLine) => void,
): DataTable<SampleLine> =>
    new DataTable({
        caption: 'Samples',
        columns: SAMPLE_COLUMNS,
        sorted,
        choose,
        rowClass: (sample) => (isAnti(sample) ? 'marked' : null),
    });
