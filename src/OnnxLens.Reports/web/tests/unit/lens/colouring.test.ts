import { describe, expect, test } from 'vitest';
import { type CellPair } from '../../../src/lens/model/cell-pair';
import { colouringOf } from '../../../src/lens/model/colouring';
import { type LensRun } from '../../../src/lens/model/lens-run';
import { unknownRank } from '../../../src/lens/model/token-match';
import { type ChosenToken } from '../../../src/lens/model/token-reading';
import { COLOUR_MODES, type ColourMode } from '../../../src/lens/model/view-state';
import { sampleRun } from './sample';

const pair = (first: LensRun, second: LensRun | null, cell: number): CellPair => ({
    run: first,
    cell,
    first,
    firstCell: cell,
    second,
    secondCell: second === null ? -1 : cell,
});

function colouring(mode: ColourMode, first: LensRun, second: LensRun | null = null, chosen: ChosenToken = 'next') {
    const pairs = Array.from(first.logSumExp, (_, cell) => pair(first, second, cell));
    const unknown = unknownRank(second === null ? [first] : [first, second], first, second, chosen);
    const found = colouringOf(mode, chosen, 'the token', unknown, () => pairs);
    if (found === null) {
        throw new Error('no colouring');
    }
    return found;
}

describe('colouringOf', () => {
    const run = sampleRun();

    test('is nothing for none', () => {
        expect(colouringOf('none', 'next', '', null, () => [])).toBeNull();
    });

    test('shades by the probability of the top token', () => {
        expect(colouring('probability', run).value(pair(run, null, 0))).toBeCloseTo(0.5, 6);
    });

    test('reaches from zero to the largest entropy', () => {
        const found = colouring('entropy', run);
        expect(found.value(pair(run, null, 11))).toBeCloseTo(1.1, 6);
        expect(found.share(1.2)).toBeCloseTo(1, 6);
        expect(found.ticks.map((tick) => tick.text)).toEqual(['0', '0.30', '0.60', '0.90', '1.20']);
    });

    test('ignores infinite values at the end of a scale', () => {
        const infinite = sampleRun({}, { kl_final_lens: new Float32Array(12).fill(2).fill(Infinity, 11) });
        expect(colouring('kl', infinite).share(2)).toBeCloseTo(1, 1);
    });

    test('knows ranks exactly or not at all', () => {
        const found = colouring('rank', run, null, 3);
        expect(found.value(pair(run, null, 2))).toBe(9); // follows
        expect(found.value(pair(run, null, 3))).toBe(0); // the top token
        expect(found.value(pair(run, null, 0))).toBeNull(); // 2 or more
        expect(found.unknown).toBe('rank 2 or more');
        expect(found.share(0)).toBe(1);
        expect(found.share(9)).toBeLessThan(0.2);
    });

    test('subtracts the second run from the first, around zero', () => {
        const second = sampleRun({}, { entropy: new Float32Array(12).fill(1) });
        const found = colouring('delta-entropy', run, second);
        expect(found.value(pair(run, second, 0))).toBe(-1);
        expect(found.share(0)).toBe(0.5);
        expect(found.share(-1)).toBeLessThan(0.1);
    });

    test('compares the token that follows only where it is the same', () => {
        const second = sampleRun({ ids: [0, 5, 2, 3] }, { next_logprobs: new Float32Array(12).fill(-1) });
        const found = colouring('delta-logprob', run, second);
        expect(found.value(pair(run, second, 0))).toBeNull();
        expect(found.value(pair(run, second, 1))).toBe(-2);
    });

    test('tells another top token', () => {
        const second = sampleRun({}, { top_ids: new Int32Array(24) });
        const found = colouring('other-top', run, second);
        expect([0, 1].map((cell) => found.value(pair(run, second, cell)))).toEqual([0, 1]);
    });

    test.each(COLOUR_MODES.filter((mode) => mode !== 'none'))('keeps every share of %s within the scale', (mode) => {
        const found = colouring(mode, run, sampleRun());
        for (let cell = 0; cell < 12; cell++) {
            const value = found.value(pair(run, sampleRun(), cell));
            if (value !== null && !Number.isNaN(value)) {
                expect(found.share(value)).toBeGreaterThanOrEqual(0);
                expect(found.share(value)).toBeLessThanOrEqual(1);
            }
        }
    });
});
