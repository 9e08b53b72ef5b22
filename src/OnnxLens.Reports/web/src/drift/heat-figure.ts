import { Figure } from '../shared/figure';
import { type Palette, palette } from '../shared/palette';
import { placeIn } from '../shared/plot-parts';
import { isDark } from '../shared/theme';
import { type CellGrid, cellScale, gridOf } from './cells';
import { type Drift, provenanceLine } from './data';
import { cursorRect, heatLayout, type HeatLayout, heatSvg } from './heat';
import { cellAt, stepFrom } from './heat-cursor';
import { heatKey } from './heat-key';
import { CELL_MEASURES, type CellMeasure } from './measures';
import type { DriftState } from './state';

/** The strip of a prompt with a cell that is read: moved by pointer and keys. */
export class HeatFigure {
    readonly element: HTMLElement;
    private readonly figure: Figure;
    private readonly room: HTMLElement;
    private drawn = '';
    private svg: SVGSVGElement | null = null;
    private layout: HeatLayout | null = null;

    constructor(
        private readonly drift: Drift,
        controls: readonly Node[],
        private readonly state: () => DriftState,
        private readonly read: (layer: number, position: number) => void,
    ) {
        this.figure = new Figure({
            title: 'Where it drifts',
            fileName: () => `drift-${state().cell}-prompt-${state().prompt}-${state().site}`,
            csv: () => this.csv(),
            colours: () => palette(isDark(state().theme)),
            provenance: provenanceLine(drift),
            controls,
        });
        this.element = this.figure.element;
        this.element.classList.add('wide');
        this.room = this.figure.scrolled(
            'Cells: arrow keys move, Home and End go to the ends, Page Up and Page Down to the first and last layer',
        );
        this.room.addEventListener('keydown', (event) => this.pressed(event));
        this.room.addEventListener('pointermove', (event) => this.pointed(event));
        this.room.addEventListener('click', (event) => this.pointed(event));
    }

    /** Draws the strip anew where it changed, and the frame of the cell. */
    draw(grid: CellGrid, state: DriftState, colours: Palette): void {
        const measure = CELL_MEASURES.find(({ key }) => key === state.cell) as CellMeasure;
        const layout = heatLayout(grid, this.figure.width);
        const key = JSON.stringify([state.prompt, state.site, state.cell, layout, colours.paper]);
        if (key !== this.drawn || this.svg === null) {
            this.drawn = key;
            this.layout = layout;
            const scale = cellScale(this.amounts(measure), measure, colours);
            const title = `Drift of B from A, prompt ${state.prompt}, ${state.site}: ${measure.text} by token and layer`;
            this.svg = heatSvg(this.drift, title, grid, measure, scale, layout, colours);
            this.figure.show({
                svg: this.svg,
                key: heatKey(measure, scale, colours),
                summary: this.words(grid, state),
            });
        }
        this.svg.querySelector('.cursor')?.remove();
        const [layer, position] = clamped(grid, state);
        this.svg.append(cursorRect(layout, layer, position, colours));
    }

    /** The row of the cell that is read. */
    rowOf(grid: CellGrid, state: DriftState): number {
        const [layer, position] = clamped(grid, state);
        return grid.row(layer, position);
    }

    /** Of all prompts and sites, so that colours mean the same wherever one looks. */
    private *amounts(measure: CellMeasure): Iterable<number> {
        const values = this.drift.tables.drift_positions.numbers(measure.key);
        for (let row = 0; row < values.length; row++) {
            yield measure.amount(values[row] ?? NaN);
        }
    }

    private words(grid: CellGrid, { prompt, site }: DriftState): string {
        const { drift_positions: table } = this.drift.tables;
        const [kl, difference] = [table.numbers('kl'), table.numbers('relative_difference')];
        for (let layer = 0; layer < grid.layers.length; layer++) {
            for (let position = 0; position < grid.positions.length; position++) {
                const row = grid.row(layer, position);
                if (row >= 0 && (kl[row] !== 0 || difference[row] !== 0)) {
                    return `Prompt ${prompt}, ${site}: ${grid.layers.length} layers down, ${grid.positions.length} positions across. The first cell that is not equal is in layer ${grid.layers[layer] ?? 0}, position ${grid.positions[position] ?? 0}. Point at a cell, or move with the arrow keys.`;
                }
            }
        }
        return `Prompt ${prompt}, ${site}: A and B are exactly equal in all ${grid.layers.length} × ${grid.positions.length} cells.`;
    }

    private csv(): string {
        const { prompt, site } = this.state();
        const grid = gridOf(this.drift, prompt, site);
        const rows = grid.layers.flatMap((_, layer) => grid.positions.map((__, position) => grid.row(layer, position)));
        return this.drift.tables.drift_positions.csv(rows.filter((row) => row >= 0));
    }

    private pressed(event: KeyboardEvent): void {
        const state = this.state();
        const grid = gridOf(this.drift, state.prompt, state.site);
        const to =
            event.altKey || event.ctrlKey || event.metaKey ? null : stepFrom(grid, clamped(grid, state), event.key);
        if (to !== null && this.layout !== null) {
            event.preventDefault();
            this.read(...to);
            const left = this.layout.left + to[1] * this.layout.cellWidth;
            const { scrollLeft, clientWidth } = this.room;
            if (left < scrollLeft + this.layout.left || left > scrollLeft + clientWidth - 2 * this.layout.cellWidth) {
                this.room.scrollLeft = left - clientWidth / 2;
            }
        }
    }

    private pointed(event: MouseEvent): void {
        if (this.svg === null || this.layout === null) {
            return;
        }
        const state = this.state();
        const grid = gridOf(this.drift, state.prompt, state.site);
        const cell = cellAt(grid, this.layout, ...placeIn(this.svg, event));
        if (cell !== null && (cell[0] !== state.layer || cell[1] !== state.position)) {
            this.read(...cell);
        }
    }
}

/** The cell that is read, within the prompt's grid. */
const clamped = (grid: CellGrid, { layer, position }: DriftState): [number, number] => [
    Math.max(0, Math.min(grid.layers.length - 1, layer)),
    Math.max(0, Math.min(grid.positions.length - 1, position)),
];
