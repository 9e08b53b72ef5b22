import { type SteeredAt } from '../model/steering';
import { type Surface } from './surface';

type Corner = readonly [x: number, y: number];

/** The corners of the mark of a steered cell: a triangle in the upper left corner. */
export const markCorners = (x: number, y: number, size: number): readonly Corner[] => [
    [x, y],
    [x + size, y],
    [x, y + size],
];

/** Marks a cell that was steered: full at the site that is shown, hollow at another site of its layer. */
export function paintSteered(
    surface: Surface,
    x: number,
    y: number,
    cellHeight: number,
    at: SteeredAt,
    ink: string,
): void {
    const size = Math.min(10, Math.max(5, Math.round(cellHeight / 3)));
    const isFull = at === 'site';
    const corners = isFull ? markCorners(x, y, size) : markCorners(x + 0.5, y + 0.5, size - 1);
    surface.polygon(corners, isFull ? ink : null, isFull ? null : ink);
}

/** Points from the header of a layer or a position at its cells: something was steered there. */
export function paintPointer(surface: Surface, x: number, y: number, down: boolean, ink: string): void {
    surface.polygon(
        down
            ? [
                  [x - 4, y - 4],
                  [x + 4, y - 4],
                  [x, y],
              ]
            : [
                  [x - 4, y - 4],
                  [x - 4, y + 4],
                  [x, y],
              ],
        ink,
        null,
    );
}
