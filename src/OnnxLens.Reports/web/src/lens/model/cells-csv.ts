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

/** A run with what names it in a table of several. */
export interface NamedRun {
    readonly name: string;
    readonly run: LensRun;
}

/**
 * The cells of some layers of a site as CSV: the columns, digits and order of the program's `cells.csv`, so that the rows of a
 * run are the same, byte for byte. Of several runs, one behind the other, the column `run` before the others names the run.
 */
export function cellsCsv(runs: readonly NamedRun[], site: string, layers: readonly number[]): string {
    const isNamed = runs.length > 1;
    const hasPrompt = runs.some(({ run }) => run.name !== null);
    const columns = [...(isNamed ? ['run'] : []), ...(hasPrompt ? ['prompt'] : []), ...COLUMNS];
    const parts = runs.map(({ name, run }) => {
        const before = [...(isNamed ? [name] : []), ...(hasPrompt ? [run.name ?? ''] : [])];
        return runRows(run, site, layers, before);
    });
    return [csvRow(columns), ...parts].join('');
}

/** The rows of a run, with what stands before its own columns. */
function runRows(run: LensRun, site: string, layers: readonly number[], before: readonly string[]): string {
    const points = run.points.flatMap((point, index) =>
        point.site === site && layers.includes(point.layer) ? [index] : [],
    );
    const rows: string[] = [];
    run.positions.forEach((position, positionIndex) => {
        const place = [...before, String(run.sequence), String(position)];
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
