import { type Palette } from '../../shared/palette';
import { wrapped } from '../../shared/text-flow';
import { type Colouring } from '../model/colouring';
import { type LensRun } from '../model/lens-run';
import { originLines } from '../model/origin';
import { MARK_WORDS, type SteeredAt, steeredMarks } from '../model/steering';
import { siteWords } from '../model/words';
import { type LensView } from '../view';
import { paintSteered } from './steered-mark';
import { type Surface } from './surface';

/** The least width that a caption needs, in CSS pixels. */
export const CAPTION_WIDTH = 420;

const MARGIN = 10;
const SIZE = 11;
const LINE = 16;
const SCALE_HEIGHT = 52;
const STEPS = 70;
const STEP = 4;

/** What a picture of grids shows: where the runs came from, the marks of their cells, and the scale of their colours. */
export interface Caption {
    readonly lines: readonly string[];
    readonly marks: readonly SteeredAt[];
    /** Whether tokens were generated: their headers have a bar of another colour than those of the prompt. */
    readonly hasGenerated: boolean;
    readonly colouring: Colouring | null;
    readonly height: number;
}

/** The caption of a picture of some runs, in lines of a width; of two runs, each has a title above its grid. */
export function captionOf(surface: Surface, view: LensView, runs: readonly LensRun[], width: number): Caption {
    const { site } = view.state;
    const [only] = runs.length === 1 ? runs : [];
    const texts = [
        `${site}: ${siteWords(view.isResidual(site))}${only === undefined ? '' : `; ${view.runTitle(only)}`}`,
        ...originLines(runs),
    ];
    const lines = texts.flatMap((text) => wrapped(text, width - 2 * MARGIN, (part) => surface.widthOf(part, SIZE)));
    const marks = steeredMarks(runs, site, view.axes);
    const { colouring } = view;
    const hasGenerated = runs.some(({ tokens }) => tokens.some(({ phase }) => phase === 'generated'));
    const height = LINE * (lines.length + marks.length + 1) + 12 + (colouring === null ? 0 : SCALE_HEIGHT);
    return { lines, marks, hasGenerated, colouring, height };
}

/** Paints it below the grids. */
export function paintCaption(surface: Surface, top: number, caption: Caption, palette: Palette): void {
    let y = top + 14;
    for (const line of caption.lines) {
        surface.text(line, MARGIN, y, { size: SIZE, fill: palette.ink, align: 'start' });
        y += LINE;
    }
    for (const mark of caption.marks) {
        paintSteered(surface, MARGIN, y - 4, 24, mark, palette.ink);
        surface.text(MARK_WORDS[mark], MARGIN + 16, y, { size: SIZE, fill: palette.muted, align: 'start' });
        y += LINE;
    }
    paintSigns(surface, y, caption.hasGenerated, palette);
    y += LINE;
    if (caption.colouring !== null) {
        paintScale(surface, y, caption.colouring, palette);
    }
}

/** What the signs of tokens stand for: bars of headers, slanted and underlined texts. */
function paintSigns(surface: Surface, y: number, hasGenerated: boolean, palette: Palette): void {
    const style = { size: SIZE, fill: palette.muted, align: 'start' } as const;
    let x = MARGIN;
    for (const [text, bar] of hasGenerated
        ? ([
              ['prompt', palette.line],
              ['generated', palette.accent],
          ] as const)
        : []) {
        surface.rect(x, y - 1, 16, 3, bar);
        surface.text(text, x + 22, y, style);
        x += 22 + surface.widthOf(text, SIZE) + 14;
    }
    surface.text('special token', x, y, { ...style, italic: true });
    x += surface.widthOf('special token', SIZE) + 14;
    surface.text('part of a character', x, y, style);
    surface.rect(x, y + SIZE / 2 + 1, surface.widthOf('part of a character', SIZE), 1, palette.muted);
}

function paintScale(surface: Surface, y: number, colouring: Colouring, palette: Palette): void {
    surface.text(colouring.title, MARGIN, y, { size: SIZE, fill: palette.muted, align: 'start' });
    const left = 34;
    for (let step = 0; step < STEPS; step++) {
        const fill = palette[colouring.kind](
            colouring.discrete === true ? discreteShare(colouring, step) : (step + 0.5) / STEPS,
        );
        surface.rect(left + step * STEP, y + 10, STEP, 10, fill);
    }
    for (const [index, { share, text }] of colouring.ticks.entries()) {
        const place = colouring.discrete === true ? (index + 0.5) / colouring.ticks.length : share;
        surface.text(text, left + place * STEPS * STEP, y + 29, { size: 10, fill: palette.muted, align: 'middle' });
    }
    if (colouring.unknown !== null) {
        surface.text(`▪ ${colouring.unknown}`, left + STEPS * STEP + 30, y + 15, {
            size: 10,
            fill: palette.muted,
            align: 'start',
        });
    }
}

/** Without numbers in between, each tick has an equal part of the scale. */
function discreteShare({ ticks }: Colouring, step: number): number {
    return ticks[Math.floor((step * ticks.length) / STEPS)]?.share ?? 0;
}
