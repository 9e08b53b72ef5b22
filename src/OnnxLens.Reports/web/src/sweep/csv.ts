import { csvRow } from '../shared/csv';
import { doubleText } from '../shared/number-text';
import type { Comparison } from './control-chart';
import type { Curve } from './data';
import { isAnti, type SampleLine } from './samples';

const placeOf = ({ vector, site, layer }: Curve): string[] => [vector, site, String(layer)];

const SAMPLE_COLUMNS = [
    'dataset',
    'sample',
    'letter',
    'vector',
    'site',
    'layer',
    'slope',
    'intercept',
    'r2',
    'spearman',
    'anti_steerable',
];

/** Samples of a curve as they are listed, with every digit. */
export const samplesCsv = (curve: Curve, samples: readonly SampleLine[]): string =>
    [
        csvRow(SAMPLE_COLUMNS),
        ...samples.map((sample) =>
            csvRow([
                curve.dataset,
                sample.id,
                sample.letter,
                ...placeOf(curve),
                doubleText(sample.slope),
                doubleText(sample.intercept),
                doubleText(sample.r2),
                doubleText(sample.spearman),
                String(isAnti(sample)),
            ]),
        ),
    ].join('');

const COMPARISON_COLUMNS = [
    'dataset',
    'vector',
    'site',
    'layer',
    'slope_of',
    'letter',
    'samples',
    'random_vectors',
    'mean_slope',
    'sd',
    'ci_low',
    'ci_high',
    'interval_level',
];

/** The slope of a vector and what it is held against, a row each, with every digit. */
export const comparisonsCsv = (curve: Curve, rows: readonly Comparison[]): string =>
    [
        csvRow(COMPARISON_COLUMNS),
        ...rows.map(({ kind, letter, samples, vectors, value, sd, low, high, level }) =>
            csvRow([
                curve.dataset,
                ...placeOf(curve),
                kind,
                letter,
                doubleText(samples),
                doubleText(vectors),
                doubleText(value),
                doubleText(sd),
                ...(kind === 'random' ? ['', ''] : [doubleText(low), doubleText(high)]),
                doubleText(level),
            ]),
        ),
    ].join('');
