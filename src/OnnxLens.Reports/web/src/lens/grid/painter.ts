import { paintColumnHeader, paintCorner, paintRowHeader } from './headers';
import { PADDING, paintLabel } from './label';
import { type GridPlace, type Layout, layerRowAt, positionColumnAt, visibleCells, type Window } from './layout';
import { type Scene } from './pictures';
import { paintSteered } from './steered-mark';
import { type Surface } from './surface';
import { type TextFitter } from './text-fitter';

/** Paints what a window shows of a scene: cells first, then the headers, which cover what has scrolled below them. */
export function paintGrid(surface: Surface, scene: Scene, window: Window, fitter: TextFitter): void {
    const { layout, palette } = scene;
    surface.rect(0, 0, window.width, window.height, palette.paper);
    const { first, last } = visibleCells(layout, window);
    for (let row = first.row; row <= last.row; row++) {
        for (let column = first.column; column <= last.column; column++) {
            paintCell(surface, scene, window, { row, column }, fitter);
        }
    }
    for (const { place, colour, thickness } of scene.outlines) {
        const [x, y] = corner(layout, window, place);
        surface.outline(x, y, layout.cellWidth, layout.cellHeight, colour, thickness);
    }
    surface.rect(0, 0, window.width, layout.headerHeight, palette.band);
    surface.rect(0, 0, layout.headerWidth, window.height, palette.band);
    surface.clipped(layout.headerWidth, 0, Math.max(0, window.width - layout.headerWidth), layout.headerHeight, () => {
        for (let column = first.column; column <= last.column; column++) {
            paintColumnHeader(surface, scene, window, column, fitter);
        }
    });
    surface.clipped(
        0,
        layout.headerHeight,
        layout.headerWidth,
        Math.max(0, window.height - layout.headerHeight),
        () => {
            for (let row = first.row; row <= last.row; row++) {
                paintRowHeader(surface, scene, window, row, fitter);
            }
        },
    );
    paintCorner(surface, scene, window);
}

function corner(layout: Layout, window: Window, { row, column }: GridPlace): [number, number] {
    return [
        layout.headerWidth + column * layout.cellWidth - window.left,
        layout.headerHeight + row * layout.cellHeight - window.top,
    ];
}

function paintCell(surface: Surface, scene: Scene, window: Window, place: GridPlace, fitter: TextFitter): void {
    const { layout, palette } = scene;
    const [x, y] = corner(layout, window, place);
    const [layerRow, positionColumn] = [layerRowAt(layout, place), positionColumnAt(layout, place)];
    const picture = scene.cell(layerRow, positionColumn);
    if (picture === null) {
        return;
    }
    const [width, height] = [layout.cellWidth - 1, layout.cellHeight - 1];
    if (picture.fill !== null) {
        surface.rect(x, y, width, height, picture.fill);
    }
    if (picture.unknown) {
        surface.rect(x + width - 4, y + height - 4, 3, 3, palette.muted);
    }
    if (picture.steered !== null) {
        paintSteered(surface, x, y, layout.cellHeight, picture.steered, picture.ink);
    }
    if (layout.fontSize > 0) {
        const style = { size: layout.fontSize, fill: picture.ink, align: 'start' } as const;
        const room = layout.cellWidth - 2 * PADDING + 1;
        paintLabel(surface, picture.label, x + PADDING - 1, y + layout.cellHeight / 2, room, style, fitter);
    }
    if (scene.matches(layerRow, positionColumn)) {
        surface.outline(x, y, width, height, palette.accent, 1.5);
    }
}
