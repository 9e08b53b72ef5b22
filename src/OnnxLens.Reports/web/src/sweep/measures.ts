import type { Curve } from './data';

export type MeasureKey = 'slope' | 'anti' | 'monotonic' | 'r2' | 'spearman' | 'kl' | 'ratio';

/** A figure of a curve that can be drawn over the layers. */
export interface Measure {
    readonly key: MeasureKey;
    readonly text: string;
    readonly axis: string;
    readonly value: (curve: Curve) => number;
    readonly low?: (curve: Curve) => number;
    readonly high?: (curve: Curve) => number;
}

export const MEASURES: readonly Measure[] = [
    {
        key: 'slope',
        text: 'mean slope',
        axis: 'slope, logits per unit',
        value: (curve) => curve.slope,
        low: (curve) => curve.low,
        high: (curve) => curve.high,
    },
    { key: 'anti', text: 'anti-steerable share', axis: 'share of samples', value: (curve) => curve.antiSteerable },
    { key: 'monotonic', text: 'monotonic share', axis: 'share of samples', value: (curve) => curve.monotonic },
    { key: 'r2', text: 'R² of the mean curve', axis: 'R²', value: (curve) => curve.r2 },
    { key: 'spearman', text: 'mean rank correlation', axis: 'Spearman', value: (curve) => curve.spearman },
    { key: 'kl', text: 'KL on ordinary text at 1', axis: 'KL, nats', value: (curve) => curve.kl },
    {
        key: 'ratio',
        text: 'perplexity ratio at 1',
        axis: 'perplexity, steered / not',
        value: (curve) => curve.perplexityRatio,
    },
];

/** The measure of a key. */
export const measureOf = (key: MeasureKey): Measure => MEASURES.find((measure) => measure.key === key) as Measure;

/** Those of which at least one curve has a value. */
export const measuresOf = (curves: readonly Curve[]): Measure[] =>
    MEASURES.filter((measure) => curves.some((curve) => !Number.isNaN(measure.value(curve))));
