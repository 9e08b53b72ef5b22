import { Figure } from '../shared/figure';
import { numberText } from '../shared/number-text';
import { type Palette, palette } from '../shared/palette';
import { placeIn } from '../shared/plot-parts';
import { isDark } from '../shared/theme';
import { type CellGrid, cellScale, gridOf } from './cells';
import { type Drift, provenanceLine } from './data';
import { cursorRect, heatLayout, type HeatLayout, heatSvg } from './heat';
import { cellAt, stepFrom } from './heat-cursor';
import { heatKey } from './heat-key';
import { type CellMeasure, cellMeasureOf } from './measures';
import type { DriftState } from './state';
import { shownPrompt, worstPrompt } from './worst';

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
            fileName: () => `drift-${state().cell}-prompt-${shownPrompt(drift, state())}-${state().site}`,
            csv: () => this.csv(),
            colours: () => palette(isDark(state().theme)),
            provenance: provenanceLine(drift),
            controls,
        });
        this.element = this.figure.element;
        this.element.classList.add('wide');
        this.room = this.figure.scrolled(
            'Cells: arrow keys move, Home and End go to the ends, Page Up and Page Down to the last and first layer',
        );
        this.room.addEventListener('keydown', (event) => this.pressed(event));
        this.room.addEventListener('pointermove', (event) => this.pointed(event));
        this.room.addEventListener('click', (event) => this.pointed(event));
    }

    /** Draws the strip anew where it changed, and the frame of the cell. */
    draw(grid: CellGrid, state: DriftState, colours: Palette): void {
        const measure = cellMeasureOf(state.cell);
        const prompt = shownPrompt(this.drift, state);
        const layout = heatLayout(grid, this.figure.width);
        const key = JSON.stringify([prompt, state.site, state.cell, layout, colours.paper]);
        if (key !== this.drawn || this.svg === null) {
            this.drawn = key;
            this.layout = layout;
            const scale = cellScale(this.amounts(measure), measure, colours);
            const title = `Drift of B from A by token and layer, prompt ${prompt}, ${state.site}: ${measure.text}`;
            this.svg = heatSvg(this.drift, title, grid, measure, scale, layout, colours);
            this.figure.show({
                svg: this.svg,
                key: heatKey(measure, scale, colours),
                summary: this.words(grid, prompt, state.site, measure),
            });
        }
        this.svg.querySelector('.cursor')?.remove();
        const [layer, position] = clamped(grid, state);
        this.svg.append(cursorRect(layout, grid, layer, position, colours));
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

    private words(grid: CellGrid, prompt: number, site: string, measure: CellMeasure): string {
        const size = `${grid.layers.length} layers, the last on top, × ${grid.positions.length} positions`;
        const first = this.firstOther(grid);
        const worst = worstPrompt(this.drift, site, measure);
        const drifts = worst.prompt === prompt ? 'It is the worst prompt' : `The worst prompt is ${worst.prompt}`;
        const sentences = [
            `Prompt ${prompt}, ${site}: ${size}.`,
            worst.amount === 0
                ? null
                : `${drifts} by what is shown, with the largest ${measure.noun} of a cell: ${numberText(worst.amount)}.`,
            first === null
                ? 'A and B are exactly equal in all of its cells.'
                : `The first cell that is not equal is in layer ${first.layer}, position ${first.position}.`,
            'Point at a cell, or move with the arrow keys.',
        ];
        return sentences.filter((sentence) => sentence !== null).join(' ');
    }

    /** The first cell in which A and B are not equal, layers first; null where there is none. */
    private firstOther(grid: CellGrid): { layer: number; position: number } | null {
        const { drift_positions: table } = this.drift.tables;
        const [kl, difference] = [table.numbers('kl'), table.numbers('relative_difference')];
        for (const [place, layer] of grid.layers.entries()) {
            for (const [column, position] of grid.positions.entries()) {
                const row = grid.row(place, column);
                if (row >= 0 && (kl[row] !== 0 || difference[row] !== 0)) {
                    return { layer, position };
                }
            }
        }
        return null;
    }

    private grid(): CellGrid {
        return gridOf(this.drift, shownPrompt(this.drift, this.state()), this.state().site);
    }

    private csv(): string {
        const grid = this.grid();
        const rows = grid.layers.flatMap((_, layer) => grid.positions.map((__, position) => grid.row(layer, position)));
        return this.drift.tables.drift_positions.csv(rows.filter((row) => row >= 0));
    }

    private pressed(event: KeyboardEvent): void {
        const state = this.state();
        const grid = this.grid();
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
        const grid = this.grid();
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
