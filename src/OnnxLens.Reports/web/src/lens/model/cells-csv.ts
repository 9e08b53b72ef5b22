import { csvRow } from '../../shared/csv';
import { indexText, singleText } from '../../shared/number-text';
import { type LensRun } from './lens-run';

const COLUMNS = [
    'sequence',
    'position',
    'phase',
    'token_id',
    'token',
    'site',
    'layer',
    'top1_id',
    'top1_logprob',
    'logsumexp',
    'entropy',
    'kl_final_lens',
    'next_id',
    'next_logprob',
    'next_rank',
];

/**
 * The cells of some layers of a site as CSV: the columns, digits and order of the program's `cells.csv`, so that its rows are
 * the same, byte for byte.
 */
export function cellsCsv(run: LensRun, site: string, layers: readonly number[]): string {
    const points = run.points.flatMap((point, index) =>
        point.site === site && layers.includes(point.layer) ? [index] : [],
    );
    const rows = [csvRow(run.name === null ? COLUMNS : ['prompt', ...COLUMNS])];
    run.positions.forEach((position, positionIndex) => {
        const place = [...(run.name === null ? [] : [run.name]), String(run.sequence), String(position)];
        const token = run.tokens[position];
        const ofToken = [token?.phase ?? '', String(token?.id ?? ''), run.text(token?.id ?? -1)];
        for (const point of points) {
            rows.push(csvRow([...place, ...ofToken, ...cellFields(run, point, run.cell(point, positionIndex))]));
        }
    });
    return rows.join('');
}

function cellFields(run: LensRun, point: number, cell: number): string[] {
    const next = run.nextId(cell);
    return [
        run.points[point]?.site ?? '',
        String(run.points[point]?.layer ?? ''),
        indexText(run.topId(cell)),
        singleText(run.topLogProb(cell)),
        singleText(run.logSumExp[cell] ?? NaN),
        singleText(run.entropy[cell] ?? NaN),
        singleText(run.kl[cell] ?? NaN),
        indexText(next),
        next < 0 ? '' : singleText(run.nextLogProbs[cell] ?? NaN),
        next < 0 ? '' : indexText(run.nextRanks[cell] ?? -1),
    ];
}
