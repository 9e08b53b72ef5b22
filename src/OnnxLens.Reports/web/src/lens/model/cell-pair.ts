import { cellOf } from './axes';
import { type LensRun } from './lens-run';
import { type Place } from './view-state';

/** A cell of a grid and its like in the other run; −1 where there is none. */
export interface CellPair {
    readonly run: LensRun;
    readonly cell: number;
    readonly first: LensRun;
    readonly firstCell: number;
    readonly second: LensRun | null;
    readonly secondCell: number;
}

/** The cell of a run at a place, and its like: of all cells that the runs have, whatever a stride leaves out. */
export function pairAt(
    run: LensRun,
    first: LensRun,
    second: LensRun | null,
    site: string,
    { layer, position }: Place,
): CellPair {
    const firstCell = cellOf(first, site, layer, position);
    const secondCell = second === null ? -1 : cellOf(second, site, layer, position);
    return { run, cell: run === first ? firstCell : secondCell, first, firstCell, second, secondCell };
}
