import { paintLabel, PADDING } from './label';
import { type Window } from './layout';
import { type PositionPicture, type Scene } from './pictures';
import { paintPointer } from './steered-mark';
import { type Surface, type TextStyle } from './surface';
import { type TextFitter } from './text-fitter';

export function paintColumnHeader(
    surface: Surface,
    scene: Scene,
    window: Window,
    column: number,
    fitter: TextFitter,
): void {
    const { layout, palette } = scene;
    const x = layout.headerWidth + column * layout.cellWidth - window.left;
    if (layout.transposed) {
        const every = Math.max(1, Math.ceil(34 / layout.cellWidth));
        if ((layout.columns - 1 - column) % every === 0) {
            const style = { size: 11, fill: palette.muted, align: 'middle' } as const;
            surface.text(
                scene.layer(layout.columns - 1 - column),
                x + layout.cellWidth / 2,
                layout.headerHeight / 2,
                style,
            );
        }
        if (scene.isSteered(layout.columns - 1 - column)) {
            paintPointer(surface, x + layout.cellWidth / 2, layout.headerHeight - 1, true, palette.ink);
        }
        return;
    }
    const position = scene.position(column);
    if (position.steered) {
        paintPointer(surface, x + layout.cellWidth / 2, layout.headerHeight - 4, true, palette.ink);
    }
    const small = layout.fontSize === 0;
    const every = Math.max(1, Math.ceil((position.number.length * 7 + 8) / layout.cellWidth));
    if (column % every === 0) {
        surface.text(position.number, x + PADDING - 1, 11, { size: 11, fill: palette.muted, align: 'start' });
    }
    if (!small) {
        const room = layout.cellWidth - 2 * PADDING + 1;
        paintLabel(surface, position.label, x + PADDING - 1, 27, room, tokenStyle(scene, position), fitter);
    }
    if (position.differs) {
        surface.text('≠', x + layout.cellWidth - PADDING, 11, {
            size: 11,
            fill: palette.ink,
            align: 'end',
            bold: true,
        });
    }
    paintPhase(surface, scene, position, x, layout.headerHeight - 4, layout.cellWidth - 1, 3);
}

export function paintRowHeader(surface: Surface, scene: Scene, window: Window, row: number, fitter: TextFitter): void {
    const { layout, palette } = scene;
    const y = layout.headerHeight + row * layout.cellHeight - window.top;
    const middle = y + layout.cellHeight / 2;
    const every = Math.max(1, Math.ceil(13 / layout.cellHeight));
    if (!layout.transposed) {
        if (row % every === 0) {
            const style = { size: 11, fill: palette.muted, align: 'end' } as const;
            surface.text(scene.layer(row), layout.headerWidth - 8, middle, style);
        }
        if (scene.isSteered(row)) {
            paintPointer(surface, layout.headerWidth - 2, middle, false, palette.ink);
        }
        return;
    }
    const position = scene.position(row);
    if (row % every === 0) {
        surface.text(position.number, 34, middle, { size: 11, fill: palette.muted, align: 'end' });
        const room = layout.headerWidth - 56;
        const style = { ...tokenStyle(scene, position), size: Math.max(11, layout.fontSize) };
        paintLabel(surface, position.label, 42, middle, room, style, fitter);
    }
    if (position.differs) {
        surface.text('≠', layout.headerWidth - 10, middle, { size: 11, fill: palette.ink, align: 'end', bold: true });
    }
    if (position.steered) {
        paintPointer(surface, layout.headerWidth - 4, middle, false, palette.ink);
    }
    paintPhase(surface, scene, position, layout.headerWidth - 4, y, 3, layout.cellHeight - 1);
}

const tokenStyle = (scene: Scene, position: PositionPicture): TextStyle => ({
    size: scene.layout.fontSize,
    fill: position.matches ? scene.palette.accent : scene.palette.ink,
    align: 'start',
    bold: position.matches,
});

/** The bar that tells prompt from generated tokens. */
function paintPhase(
    surface: Surface,
    { palette }: Scene,
    position: PositionPicture,
    x: number,
    y: number,
    width: number,
    height: number,
): void {
    surface.rect(x, y, width, height, position.generated ? palette.accent : palette.line);
}

export function paintCorner(surface: Surface, { layout, palette }: Scene, window: Window): void {
    surface.rect(0, 0, layout.headerWidth, layout.headerHeight, palette.band);
    const style = { size: 11, fill: palette.muted, align: 'end' } as const;
    surface.text(layout.transposed ? 'pos  token' : 'pos', layout.headerWidth - 8, 11, style);
    if (!layout.transposed && layout.fontSize > 0) {
        surface.text('token', layout.headerWidth - 6, 27, style);
    }
    surface.rect(0, layout.headerHeight - 1, window.width, 1, palette.line);
    surface.rect(layout.headerWidth - 1, 0, 1, window.height, palette.line);
}
