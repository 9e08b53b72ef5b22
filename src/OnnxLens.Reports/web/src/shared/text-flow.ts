/** Texts and boxes in rows of a width, for pictures: SVG breaks no lines. */

/** The width of a text in CSS pixels. */
export type WidthOf = (text: string) => number;

/** The lines of a text that are no wider than so much, broken between words where it can be. */
export function wrapped(text: string, width: number, widthOf: WidthOf): string[] {
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(' ')) {
        const longer = line === '' ? word : `${line} ${word}`;
        if (widthOf(longer) <= width) {
            line = longer;
            continue;
        }
        if (line !== '') {
            lines.push(line);
        }
        const pieces = broken(word, width, widthOf);
        line = pieces.pop() ?? '';
        lines.push(...pieces);
    }
    return [...lines, line];
}

/** A box with a text beside it. */
export interface Boxed {
    readonly width: number;
    readonly height: number;
    readonly text: string;
}

/** Where a box lies: its left upper corner, and the lines of its text. */
export interface Placed {
    readonly x: number;
    readonly y: number;
    readonly lines: readonly string[];
}

export const BOX_GAP = 6;
export const LINE_HEIGHT = 15;
const COLUMN_GAP = 18;
const ROW_GAP = 4;

/** Boxes with their texts, side by side as far as there is room, else in a row of their own; a text that is too wide is broken. */
export function flowed(
    boxes: readonly Boxed[],
    width: number,
    widthOf: WidthOf,
): { places: readonly Placed[]; height: number } {
    const places: Placed[] = [];
    let [x, y, row] = [0, 0, 0];
    for (const box of boxes) {
        const lines = wrapped(box.text, Math.max(1, width - box.width - BOX_GAP), widthOf);
        const taken = box.width + BOX_GAP + Math.max(...lines.map(widthOf));
        if (x > 0 && x + taken > width) {
            [x, y, row] = [0, y + row + ROW_GAP, 0];
        }
        places.push({ x, y, lines });
        x += taken + COLUMN_GAP;
        row = Math.max(row, box.height, lines.length * LINE_HEIGHT);
    }
    return { places, height: y + row };
}

/** The parts of a word that are no wider than so much, of a character at least. */
function broken(word: string, width: number, widthOf: WidthOf): string[] {
    const parts: string[] = [];
    let part = '';
    for (const character of word) {
        if (part !== '' && widthOf(part + character) > width) {
            parts.push(part);
            part = '';
        }
        part += character;
    }
    return [...parts, part];
}
