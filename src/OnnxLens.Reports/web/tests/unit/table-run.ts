import type { Run, RunArray, RunKind } from '../../src/shared/run';

/** Columns by name: texts (null where undefined), or numbers (NaN where undefined). */
export type Columns = Readonly<Record<string, readonly (string | null)[] | readonly number[]>>;

/** A run with these tables, as the program writes them. */
export function tableRun(
    kind: RunKind,
    tables: Readonly<Record<string, Columns>>,
    header: Readonly<Record<string, unknown>> = {},
): Run {
    const arrays = new Map<string, RunArray>();
    const heads = Object.entries(tables).map(([table, columns]) => {
        const names = Object.entries(columns).map(([name, values]) => {
            const array = `${table}.${name}`;
            const isText = values.some((value) => typeof value !== 'number');
            const texts = isText ? [...new Set(values.filter((value) => value !== null))].map(String) : null;
            arrays.set(
                array,
                texts === null
                    ? Float64Array.from(values as readonly number[])
                    : Int32Array.from(values.map((value) => (value === null ? -1 : texts.indexOf(String(value))))),
            );
            return { name, array, texts };
        });
        return [table, { rows: Object.values(columns)[0]?.length ?? 0, columns: names }] as const;
    });
    return { header: { kind, format: 1, arrays: [], ...Object.fromEntries(heads), ...header }, arrays };
}
