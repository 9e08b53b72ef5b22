import { addTo } from '../shared/grouping';
import { distinct } from '../shared/hook-points';
import { numberText } from '../shared/number-text';
import type { Ramp } from '../shared/colour';
import type { Table } from '../shared/table';
import type { Drift } from './data';
import type { CellMeasure } from './measures';

/** The cells of one prompt at one site: layers × positions. */
export interface CellGrid {
    readonly layers: readonly number[];
    readonly positions: readonly number[];
    /** The row of the table, by place of layer and position; −1 where there is none. */
    readonly row: (layer: number, position: number) => number;
}

/** What the output says of one prompt. */
export interface PromptRow {
    readonly prompt: number;
    readonly start: string;
    readonly positions: number;
    /** Positions of which nothing is known, for A or B is not finite there. */
    readonly lost: number;
    /** Of the positions that are known; NaN where none is. */
    readonly klMean: number;
    readonly klMax: number;
    readonly sameTop: number;
    /** The first position at which the top tokens differ; NaN where none does. */
    readonly firstOther: number;
}

const knownGrids = new WeakMap<Table, Map<string, CellGrid>>();

/** The grid of a prompt at a site, made once: a pointer that moves asks for it again and again. */
export function gridOf({ tables: { drift_positions: table } }: Drift, prompt: number, site: string): CellGrid {
    const grids = knownGrids.get(table) ?? new Map<string, CellGrid>();
    knownGrids.set(table, grids);
    const key = `${prompt}.${table.texts('site').texts.indexOf(site)}`;
    const grid = grids.get(key) ?? makeGrid(table, rowsOf(table).get(key) ?? []);
    grids.set(key, grid);
    return grid;
}

function makeGrid(table: Table, rows: readonly number[]): CellGrid {
    const [layers, positions] = [table.numbers('layer'), table.numbers('position')];
    const inOrder = (values: ArrayLike<number>): number[] =>
        distinct(rows.map((row) => values[row] ?? 0)).sort((a, b) => a - b);
    const [gridLayers, gridPositions] = [inOrder(layers), inOrder(positions)];
    const places = new Map(rows.map((row) => [`${layers[row]}.${positions[row]}`, row]));
    return {
        layers: gridLayers,
        positions: gridPositions,
        row: (layer, position) => places.get(`${gridLayers[layer]}.${gridPositions[position]}`) ?? -1,
    };
}

const knownRows = new WeakMap<Table, Map<string, number[]>>();

/** The rows of each prompt and site, found once: a table has hundreds of thousands. */
function rowsOf(table: Table): ReadonlyMap<string, readonly number[]> {
    const known = knownRows.get(table);
    if (known !== undefined) {
        return known;
    }
    const [prompts, sites] = [table.numbers('prompt'), table.texts('site')];
    const rows = new Map<string, number[]>();
    for (let row = 0; row < table.rows; row++) {
        const key = `${prompts[row]}.${sites.indices[row]}`;
        addTo(rows, key, row);
    }
    knownRows.set(table, rows);
    return rows;
}

/** A row for each prompt, of the model's own output. */
export function promptRows(drift: Drift): PromptRow[] {
    const { drift_positions: table } = drift.tables;
    const [prompts, sites, layers] = [table.numbers('prompt'), table.texts('site'), table.numbers('layer')];
    const output = sites.texts.indexOf(drift.final.site);
    const rows = new Map<number, number[]>();
    for (let row = 0; row < table.rows; row++) {
        if (sites.indices[row] === output && layers[row] === drift.final.layer) {
            const prompt = prompts[row] ?? 0;
            addTo(rows, prompt, row);
        }
    }
    return [...rows].map(([prompt, held]) => promptRow(drift, prompt, held));
}

function promptRow(
    { provenance, tables: { drift_positions: table } }: Drift,
    prompt: number,
    rows: readonly number[],
): PromptRow {
    const [kl, a, b] = [table.numbers('kl'), table.numbers('top1_a'), table.numbers('top1_b')];
    const [token, position] = [table.textOf('token'), table.numbers('position')];
    const known = rows.filter((row) => !Number.isNaN(kl[row]));
    const other = known.filter((row) => a[row] !== b[row]);
    const values = known.map((row) => kl[row] ?? NaN);
    return {
        prompt,
        // Without a tokenizer tokens are shown by their ids, which must not run together.
        start: rows
            .slice(0, 24)
            .map(token)
            .join(provenance.a.tokenizer_hash === null ? ' ' : ''),
        positions: rows.length,
        lost: rows.length - known.length,
        klMean: values.reduce((sum, value) => sum + value, 0) / values.length,
        klMax: values.length === 0 ? NaN : values.reduce((most, value) => Math.max(most, value)),
        sameTop: (known.length - other.length) / known.length,
        firstOther: other.length === 0 ? NaN : Math.min(...other.map((row) => position[row] ?? NaN)),
    };
}

/** What the prompts' rows come to, in a sentence or more. */
export function promptsText(rows: readonly PromptRow[]): string {
    const equal = rows.filter(({ klMax, lost }) => klMax === 0 && lost === 0).length;
    const lost = rows.filter((row) => row.lost > 0).length;
    const [worst] = rows.filter(({ klMax }) => klMax > 0).sort((a, b) => b.klMax - a.klMax);
    const sentences = [
        `The outputs are exactly equal on ${equal} of ${rows.length} prompts.`,
        lost === 0 ? null : `On ${lost} ${lost === 1 ? 'prompt' : 'prompts'} an output is not finite at some position.`,
        worst === undefined
            ? null
            : `The output drifts most on prompt ${worst.prompt}: KL up to ${numberText(worst.klMax)} nats.`,
    ];
    return sentences.filter((sentence) => sentence !== null).join(' ');
}

/** How cells are coloured: a scale from an amount to a colour, and its ends for the key. */
export interface CellScale {
    readonly colour: (amount: number) => string;
    readonly low: number;
    readonly high: number;
}

/** A scale over all amounts of a page, so that prompts can be compared. An amount of exactly 0 has the colour of the paper. */
export function cellScale(
    amounts: Iterable<number>,
    measure: CellMeasure,
    colours: { readonly paper: string; readonly sequential: Ramp; readonly diverging: Ramp },
): CellScale {
    let [low, high] = [Infinity, 0];
    for (const amount of amounts) {
        const size = Math.abs(amount);
        if (Number.isFinite(size) && size > 0) {
            low = Math.min(low, size);
            high = Math.max(high, size);
        }
    }
    const exact = (amount: number, colour: () => string): string => (amount === 0 ? colours.paper : colour());
    if (high === 0) {
        return { colour: () => colours.paper, low: 0, high: 0 };
    }
    if (measure.scale === 'both') {
        return {
            colour: (amount) => exact(amount, () => colours.diverging(0.5 + amount / (2 * high))),
            low: -high,
            high,
        };
    }
    if (measure.scale === 'share') {
        return { colour: (amount) => exact(amount, () => colours.sequential(amount / high)), low: 0, high };
    }
    // More than six powers of ten below the greatest, nothing is told apart.
    const least = Math.max(low, high * 1e-6);
    const range = Math.log(high / least) || 1;
    const share = (amount: number): number =>
        0.08 + 0.92 * (1 - Math.log(high / Math.max(least, Math.abs(amount))) / range);
    return { colour: (amount) => exact(amount, () => colours.sequential(share(amount))), low: least, high };
}
