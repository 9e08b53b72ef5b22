import { describe, expect, test } from 'vitest';
import { rankTicks, valueAxis } from '../../../src/lens/panels/value-axis';

const size = { width: 400, height: 260, left: 58, right: 16, top: 12, bottom: 42 };

describe('marks of an axis of ranks', () => {
    test.each([
        [0, [0, 1]],
        [1, [0, 1]],
        [3, [0, 1, 2, 5]],
        [9, [0, 1, 2, 5, 10]],
        [60, [0, 1, 2, 5, 10, 20, 50, 100]],
        [151_000, [0, 1, 10, 100, 1_000, 10_000, 100_000, 200_000]],
    ])('up to %i', (greatest, ticks) => {
        expect(rankTicks(greatest)).toEqual(ticks);
    });

    test('are never one alone, however many ranks there are', () => {
        for (let greatest = 0; greatest < 1e6; greatest = greatest * 2 + 1) {
            const ticks = rankTicks(greatest);
            expect(ticks.length).toBeGreaterThanOrEqual(2);
            expect(ticks.length).toBeLessThanOrEqual(9);
            expect(ticks.at(-1)).toBeGreaterThanOrEqual(greatest);
        }
    });
});

describe('the axis of a measure', () => {
    test('has the best rank on top and every value within', () => {
        const axis = valueAxis('rank', [0, 3, 700], size);
        expect(axis.at(0)).toBe(size.top);
        expect(axis.at(700)).toBeLessThanOrEqual(size.height - size.bottom);
        expect(axis.at(700)).toBeGreaterThan(axis.at(3));
    });

    test.each(['entropy', 'kl'] as const)('begins at zero for %s, and is there without any value', (measure) => {
        expect(valueAxis(measure, [2.5, 0.1], size).at(0)).toBe(size.height - size.bottom);
        expect(valueAxis(measure, [], size).at(0)).toBe(size.height - size.bottom);
    });
});
