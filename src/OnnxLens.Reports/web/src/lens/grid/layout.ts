/** Where the cells of a grid lie. Rows and columns are those of the screen; sizes are CSS pixels. */

export interface Layout {
    readonly rows: number;
    readonly columns: number;
    readonly cellWidth: number;
    readonly cellHeight: number;
    /** Size of the text of cells; 0 where there is no room for one. */
    readonly fontSize: number;
    /** Room of the header above and of the one on the left, which stay while the rest scrolls. */
    readonly headerHeight: number;
    readonly headerWidth: number;
    readonly transposed: boolean;
}

/** What part of a grid is seen. */
export interface Window {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
}

/** A row and a column of the screen. */
export interface GridPlace {
    readonly row: number;
    readonly column: number;
}

const SIZES = [
    { width: 14, height: 11, font: 0 },
    { width: 36, height: 16, font: 9.5 },
    { width: 54, height: 19, font: 11 },
    { width: 76, height: 22, font: 12 },
    { width: 104, height: 26, font: 13 },
    { width: 144, height: 32, font: 15 },
] as const;

/** The layout of so many layers and positions. Transposed, positions are rows and layers go from left to right. */
export function makeLayout(layers: number, positions: number, zoom: number, transposed: boolean): Layout {
    const { width, height, font } = SIZES[zoom] ?? SIZES[3];
    return {
        rows: transposed ? positions : layers,
        columns: transposed ? layers : positions,
        cellWidth: width,
        cellHeight: height,
        fontSize: font,
        headerHeight: transposed ? 24 : 42,
        headerWidth: transposed ? 150 : 46,
        transposed,
    };
}

export const gridWidth = (layout: Layout): number => layout.headerWidth + layout.columns * layout.cellWidth;
export const gridHeight = (layout: Layout): number => layout.headerHeight + layout.rows * layout.cellHeight;

/** The row of layers, the last layer first, at a place. */
export const layerRowAt = (layout: Layout, { row, column }: GridPlace): number =>
    layout.transposed ? layout.columns - 1 - column : row;

/** The column of positions at a place. */
export const positionColumnAt = (layout: Layout, { row, column }: GridPlace): number =>
    layout.transposed ? row : column;

/** The place of a row of layers and a column of positions. */
export const placeOf = (layout: Layout, layerRow: number, positionColumn: number): GridPlace =>
    layout.transposed
        ? { row: positionColumn, column: layout.columns - 1 - layerRow }
        : { row: layerRow, column: positionColumn };

/** The cells that a window shows, wholly or in part: first and last rows and columns, both included. */
export function visibleCells(layout: Layout, window: Window): { first: GridPlace; last: GridPlace } {
    const last = (end: number, size: number, count: number): number => Math.min(count - 1, Math.ceil(end / size) - 1);
    return {
        first: {
            row: Math.max(0, Math.floor(window.top / layout.cellHeight)),
            column: Math.max(0, Math.floor(window.left / layout.cellWidth)),
        },
        last: {
            row: last(window.top + window.height - layout.headerHeight, layout.cellHeight, layout.rows),
            column: last(window.left + window.width - layout.headerWidth, layout.cellWidth, layout.columns),
        },
    };
}

/** The place under a point of a window; −1 for the row or the column of a header; null beyond the grid. */
export function placeAt(layout: Layout, window: Window, x: number, y: number): GridPlace | null {
    const column = x < layout.headerWidth ? -1 : Math.floor((x - layout.headerWidth + window.left) / layout.cellWidth);
    const row = y < layout.headerHeight ? -1 : Math.floor((y - layout.headerHeight + window.top) / layout.cellHeight);
    return column >= layout.columns || row >= layout.rows ? null : { row, column };
}

/** Where to scroll so that a cell is seen whole: as little as it takes. */
export function revealing(layout: Layout, window: Window, { row, column }: GridPlace): { left: number; top: number } {
    return {
        left: nearest(window.left, column * layout.cellWidth, layout.cellWidth, window.width - layout.headerWidth),
        top: nearest(window.top, row * layout.cellHeight, layout.cellHeight, window.height - layout.headerHeight),
    };
}

function nearest(scroll: number, start: number, size: number, room: number): number {
    return start < scroll ? start : Math.max(scroll, start + size - room);
}
