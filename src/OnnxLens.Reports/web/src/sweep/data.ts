import { type BundleFacts, bundleText } from '../shared/bundle-text';
import { addTo } from '../shared/grouping';
import { byPoint, type HookPoint } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import type { Run } from '../shared/run';
import { Table } from '../shared/table';

/** The mean slope of the samples with one letter. */
export interface LetterSlope {
    readonly letter: string;
    readonly samples: number;
    readonly meanSlope: number;
}

/** One vector at one hook point on one dataset. NaN stands for undefined. */
export interface Curve extends HookPoint {
    /** The row in the tables of summaries. */
    readonly row: number;
    readonly dataset: string;
    readonly vector: string;
    readonly samples: number;
    readonly questions: number;
    readonly slope: number;
    readonly low: number;
    readonly high: number;
    readonly r2: number;
    readonly spearman: number;
    readonly antiSteerable: number;
    readonly monotonic: number;
    readonly controlMean: number;
    readonly controlSd: number;
    readonly shuffled: number;
    readonly letterVector: number;
    readonly kl: number;
    readonly perplexityRatio: number;
    readonly verdict: string;
    readonly verdictText: string;
    readonly letters: readonly LetterSlope[];
    /** Rows of the mean curve, of the slopes of its samples, and of their points. */
    readonly curveRows: readonly number[];
    readonly slopeRows: readonly number[];
    readonly sampleRows: readonly number[];
}

/** What is to be made of a vector on a dataset, and the hook point that the line speaks of. */
export interface VerdictLine extends HookPoint {
    readonly dataset: string;
    readonly vector: string;
    readonly verdict: string;
    readonly text: string;
}

export type SweepTableName = 'samples' | 'slopes' | 'summary' | 'curves' | 'cost' | 'extraction';

/** A sweep as its page holds it. */
export interface Sweep {
    readonly provenance: Readonly<Record<string, unknown>>;
    readonly intervalLevel: number;
    readonly verdicts: readonly VerdictLine[];
    readonly curves: readonly Curve[];
    readonly tables: Readonly<Record<SweepTableName, Table>>;
}

/** Reads a run of the kind `sweep`. */
export function readSweep(run: Run): Sweep {
    const tables = {
        samples: Table.of(run, 'samples'),
        slopes: Table.of(run, 'slopes'),
        summary: Table.of(run, 'summary'),
        curves: Table.of(run, 'curves'),
        cost: Table.of(run, 'cost'),
        extraction: Table.of(run, 'extraction'),
    };
    return {
        provenance: run.header['provenance'] as Readonly<Record<string, unknown>>,
        intervalLevel: Number(run.header['interval_level']),
        verdicts: readVerdicts(Table.of(run, 'verdicts')),
        curves: readCurves(tables, Table.of(run, 'judgements'), Table.of(run, 'letters')),
        tables,
    };
}

/** Where a sweep came from, in a line. */
export const provenanceLine = ({ provenance }: Sweep): string =>
    `${bundleText(provenance as unknown as BundleFacts)}; ${nameText(String(provenance['tool']))}`;

/** The curves of a vector on a dataset, in the order of a forward pass. */
export const curvesOf = (sweep: Sweep, dataset: string, vector: string): Curve[] =>
    sweep.curves.filter((curve) => curve.dataset === dataset && curve.vector === vector).sort(byPoint);

/** The rows of the costs of a vector at a hook point. */
export function costRows(sweep: Sweep, { vector, site, layer }: HookPoint & { readonly vector: string }): number[] {
    const table = sweep.tables.cost;
    const [names, sites, layers] = [table.textOf('vector'), table.textOf('site'), table.numbers('layer')];
    return Array.from({ length: table.rows }, (_, row) => row).filter(
        (row) => names(row) === vector && sites(row) === site && layers[row] === layer,
    );
}

function readVerdicts(table: Table): VerdictLine[] {
    const [dataset, vector, site] = [table.textOf('dataset'), table.textOf('vector'), table.textOf('site')];
    const [verdict, text, layer] = [table.textOf('verdict'), table.textOf('text'), table.numbers('layer')];
    return Array.from({ length: table.rows }, (_, row) => ({
        dataset: dataset(row),
        vector: vector(row),
        site: site(row),
        layer: layer[row] ?? 0,
        verdict: verdict(row),
        text: text(row),
    }));
}

function readCurves(tables: Sweep['tables'], judgements: Table, letters: Table): Curve[] {
    const { summary } = tables;
    const keys = rowKeys(summary);
    const [curveRows, slopeRows] = [rowsByKey(tables.curves), rowsByKey(tables.slopes)];
    const [sampleRows, letterRows] = [rowsByKey(tables.samples), rowsByKey(letters)];
    const number = (table: Table, column: string, row: number): number => table.numbers(column)[row] ?? NaN;
    const text = { dataset: summary.textOf('dataset'), vector: summary.textOf('vector'), site: summary.textOf('site') };
    const judged = { verdict: judgements.textOf('verdict'), text: judgements.textOf('verdict_text') };
    const letter = letters.rows > 0 ? letters.textOf('letter') : () => '';
    return Array.from({ length: summary.rows }, (_, row) => ({
        row,
        dataset: text.dataset(row),
        vector: text.vector(row),
        site: text.site(row),
        layer: number(summary, 'layer', row),
        samples: number(summary, 'samples', row),
        questions: number(judgements, 'questions', row),
        slope: number(summary, 'mean_slope', row),
        low: number(summary, 'ci_low', row),
        high: number(summary, 'ci_high', row),
        r2: number(summary, 'curve_r2', row),
        spearman: number(summary, 'mean_spearman', row),
        antiSteerable: number(summary, 'anti_steerable', row),
        monotonic: number(summary, 'monotonic', row),
        controlMean: number(summary, 'control_slope_mean', row),
        controlSd: number(summary, 'control_slope_sd', row),
        shuffled: number(judgements, 'shuffled_slope', row),
        letterVector: number(judgements, 'letter_vector_slope', row),
        kl: number(summary, 'kl', row),
        perplexityRatio: number(summary, 'perplexity_ratio', row),
        verdict: judged.verdict(row),
        verdictText: judged.text(row),
        letters: (letterRows.get(keys[row] ?? '') ?? []).map((at) => ({
            letter: letter(at),
            samples: number(letters, 'samples', at),
            meanSlope: number(letters, 'mean_slope', at),
        })),
        curveRows: curveRows.get(keys[row] ?? '') ?? [],
        slopeRows: slopeRows.get(keys[row] ?? '') ?? [],
        sampleRows: sampleRows.get(keys[row] ?? '') ?? [],
    }));
}

/** The rows of a table by dataset, vector, site and layer. */
function rowsByKey(table: Table): Map<string, number[]> {
    const rows = new Map<string, number[]>();
    rowKeys(table).forEach((key, row) => {
        addTo(rows, key, row);
    });
    return rows;
}

/** A key of each row; rows that have the same share one text, so that long tables make no texts of their own. */
function rowKeys(table: Table): string[] {
    const [dataset, vector, site] = [table.texts('dataset'), table.texts('vector'), table.texts('site')];
    const layers = table.numbers('layer');
    const names = new Map<number, string>();
    let most = 0;
    for (let row = 0; row < table.rows; row++) {
        most = Math.max(most, layers[row] ?? 0);
    }
    return Array.from({ length: table.rows }, (_, row) => {
        const [d, v, s] = [dataset.indices[row] ?? -1, vector.indices[row] ?? -1, site.indices[row] ?? -1];
        const layer = layers[row] ?? 0;
        const code = ((d * vector.texts.length + v) * site.texts.length + s) * (most + 1) + layer;
        let name = names.get(code);
        if (name === undefined) {
            name = JSON.stringify([dataset.texts[d], vector.texts[v], site.texts[s], layer]);
            names.set(code, name);
        }
        return name;
    });
}
