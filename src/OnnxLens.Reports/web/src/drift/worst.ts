import type { Drift } from './data';
import { type CellMeasure, cellMeasureOf } from './measures';
import type { DriftState } from './state';

/** The prompt that drifts most, by a figure of its cells, and the amount there; 0 where nothing drifts. */
export interface Worst {
    readonly prompt: number;
    readonly amount: number;
}

const known = new WeakMap<Drift, Map<string, Worst>>();

/** The prompt with the cell of the largest amount at a site, whatever its sign; of several alike, and where nothing drifts, the first. */
export function worstPrompt(drift: Drift, site: string, measure: CellMeasure): Worst {
    const found = known.get(drift) ?? new Map<string, Worst>();
    known.set(drift, found);
    const key = `${site} ${measure.key}`;
    const worst = found.get(key) ?? findWorst(drift, site, measure);
    found.set(key, worst);
    return worst;
}

/** The prompt that is shown: the one that was chosen, or the worst by the figure that is shown. */
export const shownPrompt = (drift: Drift, { prompt, site, cell }: DriftState): number =>
    prompt ?? worstPrompt(drift, site, cellMeasureOf(cell)).prompt;

function findWorst({ tables: { drift_positions: table } }: Drift, site: string, { key, amount }: CellMeasure): Worst {
    const [prompts, sites, values] = [table.numbers('prompt'), table.texts('site'), table.numbers(key)];
    const wanted = sites.texts.indexOf(site);
    let worst: Worst = { prompt: prompts[0] ?? 0, amount: 0 };
    for (let row = 0; row < table.rows; row++) {
        const here = amount(values[row] ?? NaN);
        // What is not finite has no amount.
        if (sites.indices[row] === wanted && Math.abs(here) > Math.abs(worst.amount) && Number.isFinite(here)) {
            worst = { prompt: prompts[row] ?? 0, amount: here };
        }
    }
    return worst;
}
