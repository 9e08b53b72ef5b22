import { addTo } from '../shared/grouping';
import { svgElement } from '../shared/dom';
import type { Palette } from '../shared/palette';
import { PAGE_ONLY } from '../shared/picture';
import { visibleStart } from '../shared/visible-text';
import type { CellGrid, CellScale } from './cells';
import type { Drift } from './data';
import type { CellMeasure } from './measures';

/** Where the cells of a strip lie. */
export interface HeatLayout {
    readonly left: number;
    readonly top: number;
    readonly cellWidth: number;
    readonly cellHeight: number;
    readonly width: number;
    readonly height: number;
}

const TOKEN = 10;

/** The path of a dot around a place: another top token. */
export const dotPath = (x: number, y: number): string => `M${x - 2},${y}a2,2 0 1,0 4,0a2,2 0 1,0 -4,0`;

/** The path of a cross around a place: a value that is not finite. */
export const crossPath = (x: number, y: number): string => `M${x - 3},${y - 3}l6,6m0,-6l-6,6`;

/** The layout of a grid: cells as wide as there is room, but not too small to be pointed at. */
export function heatLayout({ layers, positions }: CellGrid, room: number): HeatLayout {
    const [left, top] = [34, 74];
    const cellWidth = Math.max(14, Math.min(30, Math.floor((room - left - 4) / Math.max(1, positions.length))));
    const cellHeight = layers.length > 40 ? 10 : layers.length > 20 ? 14 : 20;
    return {
        left,
        top,
        cellWidth,
        cellHeight,
        width: left + cellWidth * positions.length + 30,
        height: top + cellHeight * layers.length + 18,
    };
}

/** A cell's colour, whether the top tokens differ there, and whether a value is not finite. */
export interface HeatCell {
    readonly colour: string;
    readonly isOther: boolean;
    readonly isLost: boolean;
}

/** What a cell of the table looks like. */
export function heatCell(
    drift: Drift,
    row: number,
    measure: CellMeasure,
    scale: CellScale,
    colours: Palette,
): HeatCell {
    const table = drift.tables.drift_positions;
    const value = table.numbers(measure.key)[row] ?? NaN;
    return {
        colour: Number.isNaN(value) ? colours.band : scale.colour(measure.amount(value)),
        isOther: table.numbers('top1_a')[row] !== table.numbers('top1_b')[row] && !Number.isNaN(value),
        isLost: table.textOf('not_finite')(row) !== '',
    };
}

/**
 * The strip of a prompt: tokens across, layers up, the last on top as in a lens. A dot is another top token, a cross a value that is not finite.
 * Cells of one colour are one path: thousands of elements would be slow to draw and to read.
 */
export function heatSvg(
    drift: Drift,
    title: string,
    grid: CellGrid,
    measure: CellMeasure,
    scale: CellScale,
    layout: HeatLayout,
    colours: Palette,
): SVGSVGElement {
    const { left, top, cellWidth, cellHeight, width, height } = layout;
    const cells = new Map<string, string[]>();
    const marks: string[] = [];
    const crosses: string[] = [];
    for (let layer = 0; layer < grid.layers.length; layer++) {
        for (let position = 0; position < grid.positions.length; position++) {
            const row = grid.row(layer, position);
            if (row < 0) {
                continue;
            }
            const [x, y] = [left + position * cellWidth, layerTop(layout, grid, layer)];
            const { colour, isOther, isLost } = heatCell(drift, row, measure, scale, colours);
            const path = `M${x},${y}h${cellWidth - 1}v${cellHeight - 1}h${1 - cellWidth}z`;
            addTo(cells, colour, path);
            const [middle, centre] = [x + (cellWidth - 1) / 2, y + (cellHeight - 1) / 2];
            if (isLost) {
                crosses.push(crossPath(middle, centre));
            } else if (isOther) {
                marks.push(dotPath(middle, centre));
            }
        }
    }
    return svgElement(
        'svg',
        {
            class: 'chart heat',
            viewBox: `0 0 ${width} ${height}`,
            width,
            height,
            role: 'img',
            'aria-label': title,
        },
        svgElement('rect', {
            x: left - 1,
            y: top - 1,
            width: cellWidth * grid.positions.length + 1,
            height: cellHeight * grid.layers.length + 1,
            fill: 'none',
            stroke: colours.line,
        }),
        ...[...cells].map(([fill, paths]) => svgElement('path', { class: 'cells', d: paths.join(''), fill })),
        svgElement('path', { d: marks.join(''), fill: colours.ink, stroke: colours.paper, 'stroke-width': 0.8 }),
        svgElement('path', { d: crosses.join(''), fill: 'none', stroke: colours.ink, 'stroke-width': 1.2 }),
        ...heads(drift, grid, layout, colours),
    );
}

/** The upper edge of a layer's row, by the layer's place in the grid: the last layer is on top. */
export const layerTop = ({ top, cellHeight }: HeatLayout, { layers }: CellGrid, layer: number): number =>
    top + (layers.length - 1 - layer) * cellHeight;

function heads(drift: Drift, grid: CellGrid, layout: HeatLayout, colours: Palette): SVGElement[] {
    const { left, top, cellWidth, cellHeight, height } = layout;
    const token = drift.tables.drift_positions.textOf('token');
    const every = Math.ceil(12 / cellHeight);
    const layers = grid.layers
        .map((layer, index) => ({ layer, index }))
        .filter(({ index }) => (grid.layers.length - 1 - index) % every === 0)
        .map(({ layer, index }) =>
            svgElement(
                'text',
                {
                    x: left - 6,
                    y: layerTop(layout, grid, index) + 0.5 * cellHeight + 4,
                    'text-anchor': 'end',
                    fill: colours.muted,
                },
                String(layer),
            ),
        );
    const tokens = grid.positions.map((_, index) =>
        svgElement(
            'text',
            {
                transform: `translate(${left + (index + 0.5) * cellWidth + 3},${top - 5}) rotate(-60)`,
                fill: colours.ink,
            },
            visibleStart(token(grid.row(0, index)), TOKEN),
        ),
    );
    const positions = grid.positions
        .map((position, index) => ({ position, index }))
        .filter(({ index }) => index % Math.ceil(30 / cellWidth) === 0)
        .map(({ position, index }) =>
            svgElement(
                'text',
                { x: left + (index + 0.5) * cellWidth, y: height - 4, 'text-anchor': 'middle', fill: colours.muted },
                String(position),
            ),
        );
    return [...layers, ...tokens, ...positions];
}

/** The frame around the cell that is read. */
export const cursorRect = (
    layout: HeatLayout,
    grid: CellGrid,
    layer: number,
    position: number,
    colours: Palette,
): SVGGElement =>
    svgElement(
        'g',
        { class: 'cursor', ...PAGE_ONLY },
        ...[
            { width: 4, colour: colours.paper },
            { width: 2, colour: colours.accent },
        ].map(({ width, colour }) =>
            svgElement('rect', {
                x: layout.left + position * layout.cellWidth - 1,
                y: layerTop(layout, grid, layer) - 1,
                width: layout.cellWidth + 1,
                height: layout.cellHeight + 1,
                fill: 'none',
                stroke: colour,
                'stroke-width': width,
            }),
        ),
    );
