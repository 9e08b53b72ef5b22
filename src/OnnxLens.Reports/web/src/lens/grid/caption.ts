import { type Palette } from '../../shared/palette';
import { type Colouring } from '../model/colouring';
import { type Surface } from './surface';

/** Room of a caption, in CSS pixels. */
export const CAPTION_HEIGHT = 70;

/** The least width that it needs. */
export const CAPTION_WIDTH = 420;

const STEPS = 70;
const STEP = 4;

/** What a picture of a grid shows, below it: the run, and the scale of its colours. */
export function paintCaption(
    surface: Surface,
    y: number,
    words: string,
    colouring: Colouring | null,
    palette: Palette,
): void {
    surface.text(words, 10, y + 14, { size: 11, fill: palette.ink, align: 'start' });
    if (colouring === null) {
        return;
    }
    surface.text(colouring.title, 10, y + 32, { size: 11, fill: palette.muted, align: 'start' });
    const left = 34;
    for (let step = 0; step < STEPS; step++) {
        const fill = palette[colouring.kind](
            colouring.discrete === true ? discreteShare(colouring, step) : (step + 0.5) / STEPS,
        );
        surface.rect(left + step * STEP, y + 42, STEP, 10, fill);
    }
    for (const [index, { share, text }] of colouring.ticks.entries()) {
        const place = colouring.discrete === true ? (index + 0.5) / colouring.ticks.length : share;
        surface.text(text, left + place * STEPS * STEP, y + 61, { size: 10, fill: palette.muted, align: 'middle' });
    }
}

/** Without numbers in between, each tick has an equal part of the scale. */
function discreteShare({ ticks }: Colouring, step: number): number {
    return ticks[Math.floor((step * ticks.length) / STEPS)]?.share ?? 0;
}
