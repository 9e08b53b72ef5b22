import { describe, expect, test } from 'vitest';
import { contrast, lightnessOf, readableOn } from '../../src/shared/colour';
import { palette } from '../../src/shared/palette';

const shares = Array.from({ length: 201 }, (_, step) => step / 200);

describe.each([
    ['light', palette(false)],
    ['dark', palette(true)],
])('the palette %s', (_, colours) => {
    test('has text that can be read on every shade', () => {
        for (const share of shares) {
            for (const shade of [colours.sequential(share), colours.diverging(share)]) {
                expect(contrast(shade, readableOn(shade))).toBeGreaterThanOrEqual(4.5);
            }
        }
    });

    test('has a sequential scale of even steps of lightness', () => {
        const values = shares.map((share) => lightnessOf(colours.sequential(share)));
        const [first = 0, last = 0] = [values[0], values.at(-1)];
        // Straight between the three stops, and one way throughout.
        const middle = values[100] ?? 0;
        values.forEach((value, index) => {
            const expected =
                index <= 100
                    ? first + ((middle - first) * index) / 100
                    : middle + ((last - middle) * (index - 100)) / 100;
            expect(value).toBeCloseTo(expected, 1.7);
        });
        expect(Math.sign(middle - first)).toBe(Math.sign(last - middle));
        expect(Math.abs(last - first)).toBeGreaterThan(0.55);
    });

    test('has a diverging scale that is as strong on both sides', () => {
        for (const share of shares) {
            const [below, above] = [colours.diverging(share), colours.diverging(1 - share)].map(lightnessOf);
            expect(below).toBeCloseTo(above ?? 0, 1.5);
        }
    });

    test('has lines and texts that stand out from the paper', () => {
        for (const colour of colours.lines) {
            expect(contrast(colour, colours.paper)).toBeGreaterThanOrEqual(3);
        }
        for (const colour of [colours.ink, colours.muted, colours.accent]) {
            expect(contrast(colour, colours.paper)).toBeGreaterThanOrEqual(4.5);
        }
    });
});
