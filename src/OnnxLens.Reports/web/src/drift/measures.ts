import type { Drift, PointRow } from './data';

export type MeasureKey = 'lack' | 'cosine' | 'difference' | 'kl' | 'agreement' | 'shift' | 'entropy' | 'perplexity';

/** A line over the layers. */
export interface Series {
    readonly name: string;
    readonly value: (point: PointRow) => number;
}

/** A figure that can be drawn over the layers: its lines, the first of which stands for it. */
export interface Measure {
    readonly key: MeasureKey;
    readonly text: string;
    readonly axis: string;
    /** Whether it spans powers of ten, so that a logarithmic axis tells more. */
    readonly isLog: boolean;
    readonly series: readonly Series[];
}

const column = (name: string, key: string): Series => ({ name, value: (point) => point.value(key) });
const lack = (name: string, key: string): Series => ({ name, value: (point) => 1 - point.value(key) });

/** The measures of a comparison. */
export function measuresOf({ provenance, cosineQuantile }: Drift): Measure[] {
    const quantile = `${Math.round(100 * cosineQuantile)} % quantile`;
    return [
        {
            key: 'lack',
            text: '1 − cosine',
            axis: '1 − cosine of the activations',
            isLog: true,
            series: [lack('mean', 'cosine_mean'), lack(quantile, 'cosine_p05'), lack('least cosine', 'cosine_min')],
        },
        {
            key: 'cosine',
            text: 'cosine',
            axis: 'cosine of the activations',
            isLog: false,
            series: [column('mean', 'cosine_mean'), column(quantile, 'cosine_p05'), column('least', 'cosine_min')],
        },
        {
            key: 'difference',
            text: 'relative difference',
            axis: '‖b − a‖ / ‖a‖',
            isLog: true,
            series: [column('mean', 'relative_difference_mean'), column('greatest', 'relative_difference_max')],
        },
        {
            key: 'kl',
            text: 'KL',
            axis: 'KL(A‖B), nats',
            isLog: true,
            series: [column('mean', 'kl_mean'), column('greatest', 'kl_max')],
        },
        {
            key: 'agreement',
            text: 'top tokens in common',
            axis: 'share',
            isLog: false,
            series: [
                column('same top token', 'top1_agreement'),
                column(`top ${provenance.top_k} in common`, 'topk_overlap'),
            ],
        },
        {
            key: 'shift',
            text: 'entropy shift',
            axis: 'entropy B − A, nats',
            isLog: false,
            series: [column('mean', 'entropy_shift_mean'), column('mean of its size', 'entropy_shift_abs_mean')],
        },
        {
            key: 'entropy',
            text: 'entropy',
            axis: 'entropy, nats',
            isLog: false,
            series: [column('A', 'entropy_a'), column('B', 'entropy_b')],
        },
        {
            key: 'perplexity',
            text: 'perplexity',
            axis: 'perplexity of the prompts',
            isLog: true,
            series: [column('A', 'perplexity_a'), column('B', 'perplexity_b')],
        },
    ];
}

export type CellKey = 'kl' | 'cosine' | 'relative_difference' | 'entropy_shift' | 'topk_overlap';

/** A figure of a cell by which it is coloured. */
export interface CellMeasure {
    readonly key: CellKey;
    readonly text: string;
    /** The same without its unit, for a sentence. */
    readonly noun: string;
    /** Powers of ten, shares of the range, or both sides of zero. */
    readonly scale: 'log' | 'share' | 'both';
    /** What it means where the amount is exactly 0. */
    readonly none: string;
    /** How much of a difference a value is: 0 is none. */
    readonly amount: (value: number) => number;
}

export const CELL_MEASURES: readonly CellMeasure[] = [
    {
        key: 'kl',
        text: 'KL, nats',
        noun: 'KL',
        scale: 'log',
        none: 'KL exactly 0',
        amount: (value) => value,
    },
    {
        key: 'cosine',
        text: '1 − cosine',
        noun: '1 − cosine',
        scale: 'log',
        none: 'cosine exactly 1',
        amount: (value) => 1 - value,
    },
    {
        key: 'relative_difference',
        text: 'relative difference',
        noun: 'relative difference',
        scale: 'log',
        none: 'activations exactly equal',
        amount: (value) => value,
    },
    {
        key: 'entropy_shift',
        text: 'entropy shift, nats',
        noun: 'entropy shift',
        scale: 'both',
        none: 'entropies exactly equal',
        amount: (value) => value,
    },
    {
        key: 'topk_overlap',
        text: 'share of top tokens not in common',
        noun: 'share of top tokens not in common',
        scale: 'share',
        none: 'all top tokens in common',
        amount: (value) => 1 - value,
    },
];

/** The figure of a key. */
export const cellMeasureOf = (key: CellKey): CellMeasure =>
    CELL_MEASURES.find((measure) => measure.key === key) as CellMeasure;
