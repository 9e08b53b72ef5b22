import { describe, expect, test } from 'vitest';
import { flowed, wrapped } from '../../src/shared/text-flow';

/** A font in which every character is one pixel wide. */
const widthOf = (text: string): number => text.length;

describe('wrapped', () => {
    test('breaks between words', () => {
        expect(wrapped('one two three', 7, widthOf)).toEqual(['one two', 'three']);
        expect(wrapped('one two', 7, widthOf)).toEqual(['one two']);
        expect(wrapped('', 7, widthOf)).toEqual(['']);
    });

    test('breaks within a word that is wider than the room, characters kept whole', () => {
        expect(wrapped('a bcdefgh i', 3, widthOf)).toEqual(['a', 'bcd', 'efg', 'h i']);
        expect(wrapped('😀😀', 1, widthOf)).toEqual(['😀', '😀']);
    });
});

describe('flowed', () => {
    const box = (text: string, height = 10) => ({ width: 10, height, text });

    test('puts boxes side by side, and the next in a row of its own', () => {
        const { places, height } = flowed([box('abcd', 30), box('abcd'), box('ab')], 60, widthOf);
        expect(places.map(({ x, y }) => [x, y])).toEqual([
            [0, 0],
            [38, 0],
            [0, 34],
        ]);
        expect(height).toBe(34 + 15);
    });

    test('breaks a text that is wider than the room', () => {
        const { places, height } = flowed([box('abc def')], 20, widthOf);
        expect(places).toEqual([{ x: 0, y: 0, lines: ['abc', 'def'] }]);
        expect(height).toBe(30);
    });

    test('of nothing takes no room', () => {
        expect(flowed([], 60, widthOf)).toEqual({ places: [], height: 0 });
    });
});
