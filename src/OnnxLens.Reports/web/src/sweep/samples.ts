import { addTo } from '../shared/grouping';
import type { Curve, Sweep } from './data';

/** One sample under one vector at one hook point. NaN stands for undefined. */
export interface SampleLine {
    readonly id: string;
    readonly split: string;
    readonly letter: string;
    readonly slope: number;
    readonly intercept: number;
    readonly r2: number;
    readonly spearman: number;
    readonly slopeRow: number;
    /** Its rows in the table of points, by ascending multiplier, and what they hold. */
    readonly rows: readonly number[];
    readonly multipliers: readonly number[];
    readonly propensities: readonly number[];
}

/** A step of a histogram: values from `from` up to, and in the last step with, `to`. */
export interface Bin {
    readonly from: number;
    readonly to: number;
    readonly values: readonly number[];
}

const known = new WeakMap<Curve, SampleLine[]>();

/** All samples of a curve, in the order of the dataset. */
export function samplesOf(sweep: Sweep, curve: Curve): readonly SampleLine[] {
    const samples = known.get(curve) ?? makeSamples(sweep, curve);
    known.set(curve, samples);
    return samples;
}

function makeSamples(sweep: Sweep, curve: Curve): SampleLine[] {
    const { samples, slopes } = sweep.tables;
    const points = pointRows(sweep, curve);
    const [id, split, letter] = [slopes.textOf('sample'), samples.textOf('split'), samples.textOf('letter')];
    const [slope, intercept] = [slopes.numbers('slope'), slopes.numbers('intercept')];
    const [r2, spearman] = [slopes.numbers('r2'), slopes.numbers('spearman')];
    const [multiplier, propensity] = [samples.numbers('multiplier'), samples.numbers('propensity')];
    return curve.slopeRows.map((slopeRow) => {
        const rows = points.get(id(slopeRow)) ?? [];
        const first = rows[0];
        return {
            id: id(slopeRow),
            split: first === undefined ? '' : split(first),
            letter: first === undefined ? '' : letter(first),
            slope: slope[slopeRow] ?? NaN,
            intercept: intercept[slopeRow] ?? NaN,
            r2: r2[slopeRow] ?? NaN,
            spearman: spearman[slopeRow] ?? NaN,
            slopeRow,
            rows,
            multipliers: rows.map((row) => multiplier[row] ?? NaN),
            propensities: rows.map((row) => propensity[row] ?? NaN),
        };
    });
}

/** Whether the vector moves a sample the wrong way: its slope is below 0, whatever the mean is. */
export const isAnti = ({ slope }: Pick<SampleLine, 'slope'>): boolean => slope < 0;

/** What such samples are called in keys. */
export const ANTI_TEXT = 'anti-steerable samples: slope below 0';

/** The value of a sample at a multiplier, on the straight line between its points. */
export function valueAt({ multipliers, propensities }: SampleLine, multiplier: number): number {
    const after = multipliers.findIndex((x) => x >= multiplier);
    const at = after < 0 ? multipliers.length - 1 : Math.max(1, after);
    const [x0 = NaN, x1 = NaN] = [multipliers[at - 1], multipliers[at]];
    const [y0 = NaN, y1 = NaN] = [propensities[at - 1], propensities[at]];
    return y0 + ((y1 - y0) * (multiplier - x0)) / (x1 - x0);
}

/** Equal steps over all finite values, one of whose edges is 0: no step holds slopes of both signs. */
export function histogram(values: readonly number[], most = 40): Bin[] {
    const finite = values.filter(Number.isFinite);
    if (finite.length === 0) {
        return [];
    }
    const [least, greatest] = [Math.min(0, ...finite), Math.max(0, ...finite)];
    const wanted = Math.min(most, Math.max(16, Math.ceil(2 * Math.sqrt(finite.length))));
    const width = roundWidth((greatest - least || 1) / wanted);
    const first = Math.floor(least / width);
    const last = Math.max(first + 1, Math.ceil(greatest / width));
    const bins = Array.from({ length: last - first }, (): number[] => []);
    for (const value of finite) {
        bins[Math.min(bins.length - 1, Math.max(0, Math.floor(value / width) - first))]?.push(value);
    }
    return bins.map((held, index) => ({
        from: (first + index) * width,
        to: (first + index + 1) * width,
        values: held,
    }));
}

/** The next larger of 1, 2, 2.5, 5 times a power of ten. */
function roundWidth(width: number): number {
    const power = 10 ** Math.floor(Math.log10(width));
    return power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= width * (1 - 1e-12)) ?? 10);
}

function pointRows(sweep: Sweep, curve: Curve): Map<string, number[]> {
    const id = sweep.tables.samples.textOf('sample');
    const multiplier = sweep.tables.samples.numbers('multiplier');
    const rows = new Map<string, number[]>();
    for (const row of curve.sampleRows) {
        addTo(rows, id(row), row);
    }
    for (const held of rows.values()) {
        held.sort((a, b) => (multiplier[a] ?? 0) - (multiplier[b] ?? 0));
    }
    return rows;
}
