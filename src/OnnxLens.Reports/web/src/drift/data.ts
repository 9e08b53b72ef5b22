import { bundleText } from '../shared/bundle-text';
import { addTo } from '../shared/grouping';
import { byPoint, distinct, type HookPoint, pointText } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import type { Run } from '../shared/run';
import { Table } from '../shared/table';

/** One of the two bundles. */
export interface Side {
    readonly folder: string;
    readonly bundle_hash: string;
    readonly weights_hash: string | null;
    readonly written_by: string;
    readonly precision: string;
    readonly quantization: readonly {
        readonly bits: number;
        readonly block_size: number;
        readonly symmetric: boolean;
        readonly accuracy_level: number;
    }[];
    readonly shards: number;
    readonly devices: readonly string[];
    readonly tokenizer_hash: string | null;
}

export interface DriftProvenance {
    readonly tool: string;
    readonly a: Side;
    readonly b: Side;
    readonly prompts: number;
    readonly tokens: number;
    readonly positions: string;
    readonly top_k: number;
}

/** The figures of a hook point over all positions, by the names of the table's columns. NaN is undefined. */
export interface PointRow extends HookPoint {
    readonly row: number;
    readonly value: (column: string) => number;
    /** True where nothing that was compared differs: activations bit for bit, and distributions. */
    readonly isExact: boolean;
}

/** A vector at a hook point in both bundles. */
export interface SlopeRow extends HookPoint {
    readonly row: number;
    readonly dataset: string;
    readonly vector: string;
    readonly samples: number;
    readonly a: number;
    readonly b: number;
    readonly difference: number;
    readonly low: number;
    readonly high: number;
    readonly correlation: number;
    readonly flips: number;
    readonly sampleRows: readonly number[];
}

export type DriftTableName = 'drift' | 'drift_positions' | 'drift_slopes' | 'drift_samples';

/** A comparison as its page holds it. */
export interface Drift {
    readonly provenance: DriftProvenance;
    readonly intervalLevel: number;
    readonly cosineQuantile: number;
    readonly final: HookPoint;
    readonly looksLikeTwoModels: boolean;
    readonly points: readonly PointRow[];
    readonly slopes: readonly SlopeRow[];
    readonly tables: Readonly<Record<DriftTableName, Table>>;
    /** The display form of an id that a table names; empty where it is negative or NaN. */
    readonly tokenText: (id: number) => string;
}

/** Reads a run of the kind `drift`. */
export function readDrift(run: Run): Drift {
    const tables = {
        drift: Table.of(run, 'drift'),
        drift_positions: Table.of(run, 'drift_positions'),
        drift_slopes: Table.of(run, 'drift_slopes'),
        drift_samples: Table.of(run, 'drift_samples'),
    };
    const texts = new Map(Object.entries(run.header['texts'] as Readonly<Record<string, string>>));
    return {
        provenance: run.header['provenance'] as DriftProvenance,
        intervalLevel: Number(run.header['interval_level']),
        cosineQuantile: Number(run.header['cosine_quantile']),
        final: run.header['final'] as HookPoint,
        looksLikeTwoModels: run.header['looks_like_two_models'] === true,
        points: readPoints(tables.drift),
        slopes: tables.drift_slopes.rows === 0 ? [] : readSlopes(tables.drift_slopes, tables.drift_samples),
        tables,
        tokenText: (id) => (id >= 0 ? (texts.get(String(id)) ?? `<id ${id}>`) : ''),
    };
}

/** Where a comparison came from, in a line. */
export const provenanceLine = ({ provenance: { a, b, tool } }: Drift): string =>
    `A: ${bundleText(a)}; B: ${bundleText(b)}; ${nameText(tool)}`;

/** The row of the model's own output. */
export const outputOf = (drift: Drift): PointRow | undefined =>
    drift.points.find((point) => pointText(point) === pointText(drift.final));

/** The datasets and vectors of which slopes were measured. */
export const slopeGroups = (drift: Drift): { dataset: string; vector: string }[] =>
    distinct(drift.slopes.map(({ dataset, vector }) => JSON.stringify([dataset, vector]))).map((text) => {
        const [dataset = '', vector = ''] = JSON.parse(text) as string[];
        return { dataset, vector };
    });

/** Hook points in the order of a forward pass. */
function readPoints(table: Table): PointRow[] {
    const [site, layer] = [table.textOf('site'), table.numbers('layer')];
    const columns = new Map(
        table.columnNames.filter((name) => name !== 'site').map((name) => [name, table.numbers(name)]),
    );
    return Array.from({ length: table.rows }, (_, row) => {
        const value = (column: string): number => columns.get(column)?.[row] ?? NaN;
        return {
            row,
            site: site(row),
            layer: layer[row] ?? 0,
            value,
            isExact:
                value('positions') > 0 &&
                value('undefined') === 0 &&
                value('relative_difference_max') === 0 &&
                value('kl_max') === 0,
        };
    }).sort(byPoint);
}

function readSlopes(table: Table, samples: Table): SlopeRow[] {
    const keyOf = (of: Table): ((row: number) => string) => {
        const [dataset, vector, site] = [of.textOf('dataset'), of.textOf('vector'), of.textOf('site')];
        const layers = of.numbers('layer');
        return (row) => JSON.stringify([dataset(row), vector(row), site(row), layers[row]]);
    };
    const rows = new Map<string, number[]>();
    const sampleKey = keyOf(samples);
    for (let row = 0; row < samples.rows; row++) {
        const key = sampleKey(row);
        addTo(rows, key, row);
    }
    const key = keyOf(table);
    const [dataset, vector, site] = [table.textOf('dataset'), table.textOf('vector'), table.textOf('site')];
    const number = (column: string, row: number): number => table.numbers(column)[row] ?? NaN;
    return Array.from({ length: table.rows }, (_, row) => ({
        row,
        dataset: dataset(row),
        vector: vector(row),
        site: site(row),
        layer: number('layer', row),
        samples: number('samples', row),
        a: number('slope_a', row),
        b: number('slope_b', row),
        difference: number('difference', row),
        low: number('ci_low', row),
        high: number('ci_high', row),
        correlation: number('correlation', row),
        flips: number('sign_flips', row),
        sampleRows: rows.get(key(row)) ?? [],
    }));
}
