import { describe, expect, test } from 'vitest';
import { moved } from '../../../src/lens/grid/keys';
import {
    gridHeight,
    gridWidth,
    layerRowAt,
    makeLayout,
    placeAt,
    placeOf,
    positionColumnAt,
    revealing,
    visibleCells,
} from '../../../src/lens/grid/layout';
import { sheets } from '../../../src/lens/grid/sheets';
import { TextFitter } from '../../../src/lens/grid/text-fitter';
import { admitted } from '../../../src/shared/svg-file';

const layout = makeLayout(80, 1500, 3, false);
const seen = { left: 1000, top: 200, width: 800, height: 500 };

describe('layouts', () => {
    test('find the cell that lies under a point', () => {
        const { first, last } = visibleCells(layout, seen);
        expect(placeAt(layout, seen, layout.headerWidth, layout.headerHeight)).toEqual(first);
        expect(placeAt(layout, seen, seen.width - 1, seen.height - 1)).toEqual(last);
        expect(placeAt(layout, seen, 0, 0)).toEqual({ row: -1, column: -1 });
        expect(placeAt(makeLayout(2, 2, 3, false), { ...seen, left: 0, top: 0 }, 700, 100)).toBeNull();
    });

    test('draw no more cells than a window has room for, and none beyond the ends', () => {
        const { first, last } = visibleCells(layout, seen);
        expect((last.row - first.row + 1) * (last.column - first.column + 1)).toBeLessThan(300);
        const end = { ...seen, left: gridWidth(layout) - 800, top: gridHeight(layout) - 500 };
        expect(visibleCells(layout, end).last).toEqual({ row: 79, column: 1499 });
    });

    test.each([false, true])('turn places into layers and positions and back (transposed: %s)', (transposed) => {
        const turned = makeLayout(80, 1500, 3, transposed);
        const place = placeOf(turned, 5, 700);
        expect([layerRowAt(turned, place), positionColumnAt(turned, place)]).toEqual([5, 700]);
        expect(place).toEqual(transposed ? { row: 700, column: 74 } : { row: 5, column: 700 });
    });

    test('scroll as little as it takes', () => {
        expect(revealing(layout, seen, visibleCells(layout, seen).last).left).toBeGreaterThan(seen.left);
        expect(revealing(layout, seen, { row: 20, column: 16 })).toEqual({ left: seen.left, top: seen.top });
        expect(revealing(layout, seen, { row: 0, column: 0 })).toEqual({ left: 0, top: 0 });
    });
});

describe('keys', () => {
    const page = { rows: 10, columns: 8 };
    test.each([
        ['ArrowUp', false, { row: 4, column: 5 }],
        ['ArrowDown', false, { row: 6, column: 5 }],
        ['ArrowLeft', false, { row: 5, column: 4 }],
        ['ArrowRight', false, { row: 5, column: 6 }],
        ['Home', false, { row: 5, column: 0 }],
        ['End', false, { row: 5, column: 1499 }],
        ['Home', true, { row: 0, column: 0 }],
        ['End', true, { row: 79, column: 1499 }],
        ['PageDown', false, { row: 15, column: 5 }],
        ['PageUp', false, { row: 0, column: 5 }],
        ['PageDown', true, { row: 5, column: 13 }],
    ])('%s (with Ctrl: %s)', (key, ctrl, expected) => {
        expect(moved(key, ctrl, { row: 5, column: 5 }, layout, page)).toEqual(expected);
    });

    test('others move nothing', () => {
        expect(moved('a', false, { row: 5, column: 5 }, layout, page)).toBeNull();
    });
});

test('drawings hold no character that XML does not have', () => {
    expect(admitted('a\u0000\u001b\uD800\uFFFE\uFFFFb😀\n')).toBe('a\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDb😀\n');
});

const surface = { widthOf: (text: string, size: number) => [...text].length * size };

describe('sheets', () => {
    test.each([false, true])('hold every cell once, each whole (transposed: %s)', (transposed) => {
        const grid = makeLayout(80, 30, 3, transposed);
        const seen = new Map<string, number>();
        for (const part of sheets(grid, { width: 1040, height: 1340 })) {
            expect(part.width).toBeLessThanOrEqual(1040);
            expect(part.height).toBeLessThanOrEqual(1340);
            const { first, last } = visibleCells(grid, part);
            for (let row = first.row; row <= last.row; row++) {
                for (let column = first.column; column <= last.column; column++) {
                    seen.set(`${row} ${column}`, (seen.get(`${row} ${column}`) ?? 0) + 1);
                }
            }
        }
        expect(seen.size).toBe(80 * 30);
        expect(new Set(seen.values())).toEqual(new Set([1]));
    });

    test('are one for a small grid', () => {
        const grid = makeLayout(6, 5, 3, false);
        expect(sheets(grid, { width: 1040, height: 1340 })).toEqual([
            { left: 0, top: 0, width: gridWidth(grid), height: gridHeight(grid) },
        ]);
    });
});

describe('TextFitter', () => {
    test('cuts by whole characters and says so', () => {
        const fitter = new TextFitter();
        expect(fitter.fit(surface, 'abc', 10, 30)).toBe('abc');
        expect(fitter.fit(surface, 'abcd', 10, 30)).toBe('ab…');
        expect(fitter.fit(surface, '😀😀😀', 10, 20)).toBe('😀…');
        expect(fitter.fit(surface, 'abcd', 10, 5)).toBe('…');
    });
});
