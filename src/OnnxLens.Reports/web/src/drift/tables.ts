import { type DataColumn, DataTable } from '../shared/data-table';
import { type HookPoint, pointText, SITES } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import { printedCosine, printedNumber, printedShare } from '../shared/printed-text';
import type { Sort } from '../shared/sorting';
import { visibleStart } from '../shared/visible-text';
import type { PromptRow } from './cells';
import type { Drift, PointRow, SlopeRow } from './data';
import type { SamplePair } from './slope-charts';

type Sorted = (sort: Sort) => void;

const number = <R>(
    key: string,
    head: string,
    value: (row: R) => number,
    text = printedNumber,
    hint?: string,
): DataColumn<R> => ({
    key,
    head,
    numeric: true,
    ...(hint === undefined ? {} : { hint }),
    text: (row) => text(value(row)),
    value,
});

const point = <R extends HookPoint>(): DataColumn<R> => ({
    key: 'point',
    head: 'point',
    numeric: false,
    text: pointText,
    value: ({ site, layer }) => layer * SITES.length + (SITES as readonly string[]).indexOf(site),
});

const name = <R>(key: string, head: string, value: (row: R) => string): DataColumn<R> => ({
    key,
    head,
    numeric: false,
    text: (row) => nameText(value(row)),
    value,
});

const whole = (value: number): string => (Number.isNaN(value) ? '-' : String(value));

/** All hook points, as the program prints them. */
export function pointTable({ provenance: { top_k: k }, points }: Drift, sorted: Sorted): DataTable<PointRow> {
    const of = (key: string, head: string, column: string, text = printedNumber, hint?: string): DataColumn<PointRow> =>
        number(key, head, (row) => row.value(column), text, hint);
    const columns = [
        point<PointRow>(),
        of('cosine', 'cosine', 'cosine_mean', printedCosine, 'mean, of the activations'),
        of('cosine5', 'cos 5 %', 'cosine_p05', printedCosine),
        of('cosineMin', 'cos min', 'cosine_min', printedCosine),
        of('difference', 'rel diff', 'relative_difference_mean', printedNumber, 'mean of ‖b − a‖ / ‖a‖'),
        of('kl', 'KL', 'kl_mean', printedNumber, 'mean KL(A‖B), nats'),
        of('klMax', 'KL max', 'kl_max'),
        of('top1', 'top-1 %', 'top1_agreement', printedShare, 'positions with the same top token'),
        of('topk', `top-${k} %`, 'topk_overlap', printedShare),
        of('shift', 'ΔH', 'entropy_shift_mean', printedNumber, 'mean of entropy B − A, nats'),
        of('shiftAbs', '|ΔH|', 'entropy_shift_abs_mean'),
        of('perplexityA', 'perpl. A', 'perplexity_a'),
        of('perplexityB', 'perpl. B', 'perplexity_b'),
        ...(points.some((row) => row.value('undefined') > 0) ? [of('lost', 'not finite', 'undefined', whole)] : []),
    ];
    return new DataTable({ caption: 'All hook points', columns, sorted });
}

/** The prompts, by how far the output drifts on them. */
export const promptTable = (sorted: Sorted, choose: (row: PromptRow) => void): DataTable<PromptRow> =>
    new DataTable<PromptRow>({
        caption: 'Prompts',
        columns: [
            number('prompt', 'prompt', (row) => row.prompt, whole),
            {
                ...name<PromptRow>('start', 'begins', (row) => row.start),
                text: (row) => visibleStart(row.start, 40).replaceAll('·', ' '),
            },
            number('positions', 'positions', (row) => row.positions, whole),
            number('klMean', 'KL', (row) => row.klMean, printedNumber, 'mean of the output, nats'),
            number('klMax', 'KL max', (row) => row.klMax),
            number('sameTop', 'top-1 %', (row) => row.sameTop, printedShare),
            number(
                'firstOther',
                'first other token at',
                (row) => row.firstOther,
                whole,
                'the first position at which the outputs’ top tokens differ',
            ),
        ],
        sorted,
        choose,
    });

/** The slopes of a vector in both bundles, as the program prints them. */
export const slopeTable = (sorted: Sorted, choose: (row: SlopeRow) => void): DataTable<SlopeRow> =>
    new DataTable<SlopeRow>({
        caption: 'Slopes in A and B',
        columns: [
            point<SlopeRow>(),
            number('a', 'slope A', (row) => row.a),
            number('b', 'slope B', (row) => row.b),
            number('difference', 'B − A', (row) => row.difference),
            number('low', 'CI low', (row) => row.low, printedNumber, 'lower end of its paired bootstrap interval'),
            number('high', 'CI high', (row) => row.high),
            number('correlation', 'corr', (row) => row.correlation, printedCosine, 'of the samples’ slopes in A and B'),
            { ...number<SlopeRow>('flips', 'flips', (row) => row.flips), text: (row) => `${row.flips}/${row.samples}` },
        ],
        sorted,
        choose,
    });

/** The samples of a vector at a hook point. */
export const sampleTable = (sorted: Sorted, choose: (row: SamplePair) => void): DataTable<SamplePair> =>
    new DataTable<SamplePair>({
        caption: 'Samples in A and B',
        columns: [
            name('sample', 'sample', (row) => row.id),
            number('a', 'slope A', (row) => row.a),
            number('b', 'slope B', (row) => row.b),
            number('difference', 'B − A', (row) => row.b - row.a),
            name('flips', 'direction', (row) => (row.flips ? 'the other way in B' : 'the same')),
        ],
        sorted,
        choose,
        rowClass: (row) => (row.flips ? 'against' : null),
    });
