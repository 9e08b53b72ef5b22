import { expect, test } from 'vitest';
import { extent, markText, wholeMarks } from '../../src/shared/extent';

test('extent leaves out what is not finite, and has room around one number', () => {
    expect(extent([1, NaN, 3, Infinity], 0)).toEqual([1, 3]);
    expect(extent([0, 0])).toEqual([-1, 1]);
    expect(extent([10])).toEqual([9, 11]);
    expect(extent([])).toEqual([0, 1]);
});

test('wholeMarks are even and not too many', () => {
    expect(wholeMarks(0, 5, 8)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(wholeMarks(0, 79, 10)).toEqual([0, 8, 16, 24, 32, 40, 48, 56, 64, 72]);
    expect(wholeMarks(-7, -2, 3)).toEqual([-6, -4, -2]);
});

test('markText has a true minus sign', () => {
    expect([0, -0.5, 1e-7, 1000.5, 250_000, 2_500_000].map(markText)).toEqual([
        '0',
        '−0.5',
        '1e−7',
        '1000.5',
        '250000',
        '2.5e6',
    ]);
});
