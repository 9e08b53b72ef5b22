import { type Label } from './pictures';
import { type Surface, type TextStyle } from './surface';
import { type TextFitter } from './text-fitter';

/** Room between the edge of a cell and its text. */
export const PADDING = 4;

/** Writes a token, cut to its room. */
export function paintLabel(
    surface: Surface,
    label: Label,
    x: number,
    y: number,
    room: number,
    style: TextStyle,
    fitter: TextFitter,
): void {
    const text = fitter.fit(surface, label.text, style.size, room);
    surface.text(text, x, y, { ...style, italic: label.special });
    if (label.partial) {
        const width = Math.min(room, surface.widthOf(text, style.size));
        const start = style.align === 'middle' ? x - width / 2 : x;
        surface.rect(start, y + style.size / 2 + 1, width, 1, style.fill);
    }
}
