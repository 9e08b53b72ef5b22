import { gridHeight, gridWidth, type Layout, type Window } from './layout';

/** The parts in which a grid is printed, row by row: each has both headers and is no larger than a sheet. */
export function sheets(layout: Layout, sheet: { readonly width: number; readonly height: number }): Window[] {
    const { cellWidth, cellHeight, headerWidth, headerHeight } = layout;
    const across = cellWidth * share(layout.columns, Math.floor((sheet.width - headerWidth) / cellWidth));
    const down = cellHeight * share(layout.rows, Math.floor((sheet.height - headerHeight) / cellHeight));
    const [right, bottom] = [gridWidth(layout) - headerWidth, gridHeight(layout) - headerHeight];
    const parts: Window[] = [];
    for (let top = 0; top < bottom; top += down) {
        for (let left = 0; left < right; left += across) {
            const width = headerWidth + Math.min(across, right - left);
            parts.push({ left, top, width, height: headerHeight + Math.min(down, bottom - top) });
        }
    }
    return parts;
}

/** How many of a number go into each part where a part holds so many at most: no part is much smaller than another. */
function share(count: number, most: number): number {
    return Math.ceil(count / Math.ceil(count / Math.max(1, most)));
}
