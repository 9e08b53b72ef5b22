import type { Palette } from '../shared/palette';

/** What the colours of the drawings mean, the same in all of them. Orange is of anti-steerable samples alone. */
const [BLUE, ORANGE] = [0, 1];

/** Lines that are told apart, without orange. */
const LINES = [BLUE, 2, 3, 5, 4, 6, 7];

/** The vector at the hook point in front. */
export const vectorColour = (colours: Palette): string => colours.lines[BLUE] ?? colours.ink;

/** Samples that are anti-steerable. */
export const antiColour = (colours: Palette): string => colours.lines[ORANGE] ?? colours.ink;

/** Other samples, and what the vector is compared with. */
export const otherColour = (colours: Palette): string => colours.muted;

/** One of several lines: of a site, or of a further hook point. */
export const lineColour = (colours: Palette, index: number): string =>
    colours.lines[LINES[index % LINES.length] ?? BLUE] ?? colours.ink;
