import { nameColumn, numberColumn, type NumberForm, pointColumn } from '../shared/columns';
import { type DataColumn, DataTable } from '../shared/data-table';
import { nameText } from '../shared/name-text';
import { cosineText, shareText } from '../shared/number-text';
import type { Sort } from '../shared/sorting';
import type { PromptRow } from './cells';
import type { Drift, PointRow, SlopeRow } from './data';
import type { SamplePair } from './slope-scatter';

type Sorted = (sort: Sort) => void;

/** All hook points, as the program prints them. */
export function pointTable({ provenance: { top_k: k }, points }: Drift, sorted: Sorted): DataTable<PointRow> {
    const of = (key: string, head: string, column: string, form: NumberForm = {}): DataColumn<PointRow> =>
        numberColumn(key, head, (row) => row.value(column), form);
    const columns = [
        pointColumn<PointRow>(),
        of('cosine', 'cosine', 'cosine_mean', { text: cosineText, hint: 'mean, of the activations' }),
        of('cosine5', 'cos 5 %', 'cosine_p05', { text: cosineText }),
        of('cosineMin', 'cos min', 'cosine_min', { text: cosineText }),
        of('difference', 'rel diff', 'relative_difference_mean', { hint: 'mean of ‖b − a‖ / ‖a‖' }),
        of('kl', 'KL', 'kl_mean', { hint: 'mean KL(A‖B), nats' }),
        of('klMax', 'KL max', 'kl_max'),
        of('top1', 'top-1 %', 'top1_agreement', { text: shareText, hint: 'positions with the same top token' }),
        of('topk', `top-${k} %`, 'topk_overlap', { text: shareText }),
        of('shift', 'ΔH', 'entropy_shift_mean', { hint: 'mean of entropy B − A, nats' }),
        of('shiftAbs', '|ΔH|', 'entropy_shift_abs_mean'),
        of('perplexityA', 'perpl. A', 'perplexity_a'),
        of('perplexityB', 'perpl. B', 'perplexity_b'),
        ...(points.some((row) => row.value('undefined') > 0) ? [of('lost', 'not finite', 'undefined')] : []),
    ];
    return new DataTable({ caption: 'All hook points', columns, sorted });
}

/** The prompts, by how far the output drifts on them. */
export const promptTable = (sorted: Sorted, choose: (row: PromptRow) => void): DataTable<PromptRow> =>
    new DataTable<PromptRow>({
        caption: 'Prompts',
        columns: [
            numberColumn('prompt', 'prompt', (row) => row.prompt),
            {
                ...nameColumn<PromptRow>('start', 'begins', (row) => row.start),
                text: (row) => nameText(row.start, 40),
            },
            numberColumn('positions', 'positions', (row) => row.positions),
            numberColumn('klMean', 'KL', (row) => row.klMean, { hint: 'mean of the output, nats' }),
            numberColumn('klMax', 'KL max', (row) => row.klMax),
            numberColumn('sameTop', 'top-1 %', (row) => row.sameTop, { text: shareText }),
            numberColumn('firstOther', 'first other token at', (row) => row.firstOther, {
                hint: 'the first position at which the outputs’ top tokens differ',
            }),
        ],
        sorted,
        choose,
    });

/** The slopes of a vector in both bundles, as the program prints them. */
export const slopeTable = (sorted: Sorted, choose: (row: SlopeRow) => void): DataTable<SlopeRow> =>
    new DataTable<SlopeRow>({
        caption: 'Slopes in A and B',
        columns: [
            pointColumn<SlopeRow>(),
            numberColumn('a', 'slope A', (row) => row.a),
            numberColumn('b', 'slope B', (row) => row.b),
            numberColumn('difference', 'B − A', (row) => row.difference),
            numberColumn('low', 'CI low', (row) => row.low, { hint: 'lower end of its paired bootstrap interval' }),
            numberColumn('high', 'CI high', (row) => row.high),
            numberColumn('correlation', 'corr', (row) => row.correlation, {
                text: cosineText,
                hint: 'of the samples’ slopes in A and B',
            }),
            {
                ...numberColumn<SlopeRow>('flips', 'flips', (row) => row.flips),
                text: (row) => `${row.flips}/${row.samples}`,
            },
        ],
        sorted,
        choose,
    });

/** The samples of a vector at a hook point. */
export const sampleTable = (sorted: Sorted, choose: (row: SamplePair) => void): DataTable<SamplePair> =>
    new DataTable<SamplePair>({
        caption: 'Samples in A and B',
        columns: [
            nameColumn('sample', 'sample', (row) => row.id),
            numberColumn('a', 'slope A', (row) => row.a),
            numberColumn('b', 'slope B', (row) => row.b),
            numberColumn('difference', 'B − A', (row) => row.b - row.a),
            nameColumn('flips', 'direction', (row) => (row.flips ? 'the other way in B' : 'the same')),
        ],
        sorted,
        choose,
        rowClass: (row) => (row.flips ? 'marked' : null),
    });
