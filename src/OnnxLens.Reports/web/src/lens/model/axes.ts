import { type LensRun } from './lens-run';

/** What a grid has on its two axes: layers and positions of the runs that are shown, matched by their numbers. */
export interface Axes {
    readonly site: string;
    /** Layers shown, the last first. */
    readonly layers: readonly number[];
    /** Layers that there are, before any stride, the last first. */
    readonly allLayers: readonly number[];
    /** Positions, ascending. */
    readonly positions: readonly number[];
}

/** The axes of a site of some runs: every n-th layer, counted from the last, which is always there. */
export function axesOf(runs: readonly LensRun[], site: string, stride: number): Axes {
    const layers = new Set(
        runs.flatMap((run) => run.points.filter((point) => point.site === site).map((point) => point.layer)),
    );
    const allLayers = [...layers].sort((a, b) => b - a);
    const positions = new Set(runs.flatMap((run) => [...run.positions]));
    return {
        site,
        allLayers,
        layers: allLayers.filter((_, index) => index % stride === 0),
        positions: [...positions].sort((a, b) => a - b),
    };
}

/** Finds the cells of a run by row and column of axes. */
export class CellFinder {
    private readonly pointOfRow: readonly number[];
    private readonly indexOfColumn: readonly number[];

    constructor(
        readonly run: LensRun,
        axes: Axes,
    ) {
        this.pointOfRow = axes.layers.map((layer) => pointOf(run, axes.site, layer));
        const indices = new Map([...run.positions].map((position, index) => [position, index]));
        this.indexOfColumn = axes.positions.map((position) => indices.get(position) ?? -1);
    }

    /** The index of the cell of a row of layers and a column of positions; −1 where the run has none. */
    at(layerRow: number, positionColumn: number): number {
        const point = this.pointOfRow[layerRow] ?? -1;
        const index = this.indexOfColumn[positionColumn] ?? -1;
        return point < 0 || index < 0 ? -1 : this.run.cell(point, index);
    }
}

/** The cell of a layer and a position; −1 where the run has none. */
export function cellOf(run: LensRun, site: string, layer: number, position: number): number {
    const point = pointOf(run, site, layer);
    const index = run.positions.indexOf(position);
    return point < 0 || index < 0 ? -1 : run.cell(point, index);
}

const pointOf = (run: LensRun, site: string, layer: number): number =>
    run.points.findIndex((point) => point.site === site && point.layer === layer);
