import type { CellGrid } from './cells';
import type { HeatLayout } from './heat';

/** The cell under a place of the drawing, as places of layer and position; null beside the cells. */
export function cellAt(
    grid: CellGrid,
    { left, top, cellWidth, cellHeight }: HeatLayout,
    x: number,
    y: number,
): [number, number] | null {
    const layer = grid.layers.length - 1 - Math.floor((y - top) / cellHeight);
    const position = Math.floor((x - left) / cellWidth);
    const isInside = layer >= 0 && layer < grid.layers.length && position >= 0 && position < grid.positions.length;
    return isInside ? [layer, position] : null;
}

/** Where a key leads from a cell; null where it is none of these keys. */
export function stepFrom(
    grid: CellGrid,
    [layer, position]: readonly [number, number],
    key: string,
): [number, number] | null {
    const [lastLayer, lastPosition] = [grid.layers.length - 1, grid.positions.length - 1];
    const within = (value: number, last: number): number => Math.max(0, Math.min(last, value));
    switch (key) {
        case 'ArrowLeft':
            return [layer, within(position - 1, lastPosition)];
        case 'ArrowRight':
            return [layer, within(position + 1, lastPosition)];
        case 'ArrowUp':
            return [within(layer + 1, lastLayer), position];
        case 'ArrowDown':
            return [within(layer - 1, lastLayer), position];
        case 'Home':
            return [layer, 0];
        case 'End':
            return [layer, lastPosition];
        case 'PageUp':
            return [lastLayer, position];
        case 'PageDown':
            return [0, position];
        default:
            return null;
    }
}
