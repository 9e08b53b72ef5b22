import { type Axes, CellFinder } from './axes';
import { type CellPair } from './cell-pair';
import { type LensRun } from './lens-run';

/** The cells of one or two runs by row and column of common axes. */
export class Cells {
    private readonly firstCells: CellFinder;
    private readonly secondCells: CellFinder | null;

    constructor(
        readonly axes: Axes,
        private readonly first: LensRun,
        private readonly second: LensRun | null,
    ) {
        this.firstCells = new CellFinder(first, axes);
        this.secondCells = second === null ? null : new CellFinder(second, axes);
    }

    /** Finds the cells of one of the runs. */
    finder(run: LensRun): CellFinder {
        return run === this.first ? this.firstCells : (this.secondCells ?? this.firstCells);
    }

    /** A cell of a run with its like in the other. */
    pair(run: LensRun, layerRow: number, positionColumn: number): CellPair {
        const firstCell = this.firstCells.at(layerRow, positionColumn);
        const secondCell = this.secondCells?.at(layerRow, positionColumn) ?? -1;
        const cell = run === this.first ? firstCell : secondCell;
        return { run, cell, first: this.first, firstCell, second: this.second, secondCell };
    }

    /** Every cell of some of the runs. */
    *all(runs: readonly LensRun[]): Iterable<CellPair> {
        const { layers, positions } = this.axes;
        for (const run of runs) {
            for (let row = 0; row < layers.length; row++) {
                for (let column = 0; column < positions.length; column++) {
                    const pair = this.pair(run, row, column);
                    if (pair.cell >= 0) {
                        yield pair;
                    }
                }
            }
        }
    }
}
