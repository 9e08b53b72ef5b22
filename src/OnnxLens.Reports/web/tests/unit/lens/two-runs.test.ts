import { describe, expect, test } from 'vitest';
import { axesOf, CellFinder } from '../../../src/lens/model/axes';
import { pairAt } from '../../../src/lens/model/cell-pair';
import { colouringOf } from '../../../src/lens/model/colouring';
import { LensRun } from '../../../src/lens/model/lens-run';
import { placesOf, search } from '../../../src/lens/model/search';
import { choosableId, chosenIdIn, namingRun, NO_TOKEN, unknownRank } from '../../../src/lens/model/token-match';
import { gapWords, tokenTrajectory } from '../../../src/lens/model/trajectory';
import { shadeWords } from '../../../src/lens/model/words';
import { sampleData, sampleRun } from './sample';

const first = sampleRun();

/** Of another model: ids are those of other texts, three top tokens, one target. */
const second = sampleRun({
    texts: [' dog', ' the', ' cat', '\n', 'say "hi", ok'],
    ids: [1, 2, 0],
    positions: [0, 1, 2],
    topK: 3,
    targets: [2],
});

describe('cells at a place', () => {
    test('are those of the runs, whatever is shown', () => {
        const other = sampleRun({ positions: [1, 2] });
        const pair = pairAt(other, first, other, 'resid_post', { layer: 1, position: 2 });
        expect([pair.cell, pair.firstCell, pair.secondCell]).toEqual([3, 6, 3]);
        const missing = pairAt(first, first, other, 'resid_post', { layer: 1, position: 0 });
        expect([missing.cell, missing.secondCell]).toEqual([4, -1]);
        expect(pairAt(first, first, null, 'resid_post', { layer: 9, position: 0 }).cell).toBe(-1);
    });
});

describe('the number behind a shade', () => {
    const shadeAt = (
        mode: 'rank' | 'other-top' | 'delta-entropy',
        position: number,
        chosen: 'next' | number = 'next',
    ) =>
        shadeWords(
            colouringOf(mode, chosen, 'the token', unknownRank([first, second], first, second, chosen), () => []),
            pairAt(second, first, second, 'resid_post', { layer: 2, position }),
        );

    test('is undefined in words where nothing follows', () => {
        expect(shadeAt('rank', 0)).toBe('Rank of the token (0 is the top): 9');
        expect(shadeAt('rank', 2)).toBe('Rank of the token (0 is the top): undefined');
    });

    test('is not known where a run has no such cell, and nothing is said of a cell that there is not', () => {
        expect(shadeAt('delta-entropy', 0)).toContain('Δ entropy, nats (first − second): ');
        const alone = pairAt(first, first, second, 'resid_post', { layer: 2, position: 3 });
        const colouring = colouringOf('other-top', 'next', '', null, () => []);
        expect(shadeWords(colouring, alone)).toBe('Top token of the second run: not in both runs');
        expect(shadeAt('other-top', 3)).toBeNull();
    });

    test('is a bound by the top tokens of its own run', () => {
        expect(shadeAt('rank', 2, 3)).toMatch(/: 0$/);
        expect(shadeAt('rank', 2, 0)).toMatch(/: rank 3 or more$/);
        expect(shadeAt('rank', 2, 5)).toMatch(/: not known$/);
    });
});

describe('a chosen token', () => {
    test('is the token of the same text in each run', () => {
        expect(namingRun(1, first, second)).toBe(first);
        expect(chosenIdIn(second, first, second, 1)).toBe(2);
        expect(chosenIdIn(second, first, second, 5)).toBe(NO_TOKEN);
        expect(chosenIdIn(first, first, second, 5)).toBe(5);
    });

    test('is named by the second run where the first does not know it', () => {
        const third = sampleRun({ texts: [' the', ' cat', ' sat', '\n', 'x', 'y', 'z'] });
        expect(namingRun(6, first, third)).toBe(third);
        expect(chosenIdIn(third, first, third, 6)).toBe(6);
        expect(choosableId(third, first, 6)).toBe(6);
    });

    test('of the second run is chosen by the id of the first, where that is free or of the same text', () => {
        expect(choosableId(second, first, 2)).toBe(1);
        expect(choosableId(second, first, 0)).toBeNull();
        expect(choosableId(first, first, 5)).toBe(5);
    });

    test('keeps its id where tokenizers are the same', () => {
        const of = (texts: readonly string[]): LensRun => {
            const data = sampleData({ texts });
            const provenance = { tokenizer_hash: 'h' };
            return new LensRun({ ...data, header: { ...data.header, provenance } });
        };
        const [a, b] = [of(['x', 'x', 'y', 'z', 'w']), of(['x', 'x', 'y', 'z', 'v'])];
        expect(chosenIdIn(b, a, b, 1)).toBe(1);
        expect(chosenIdIn(b, a, b, 4)).toBe(4);
    });

    test('has bounds by what each shown run lists', () => {
        expect(unknownRank([first], first, second, 3)).toBe('rank 2 or more');
        expect(unknownRank([first, second], first, second, 3)).toBe(
            'rank 2 or more in the first run, rank 3 or more in the second run',
        );
        // ' cat' is a target of the second run alone.
        expect(unknownRank([first, second], first, second, 1)).toBe('rank 2 or more in the first run');
        expect(unknownRank([second], first, second, 1)).toBeNull();
        expect(unknownRank([first, second], first, second, 5)).toBe(
            'rank 2 or more in the first run, not known in the second run',
        );
        expect(unknownRank([first, second], first, second, 'next')).toBeNull();
    });

    test('is compared with its like', () => {
        const target = sampleRun({ targets: [1] });
        const colouring = colouringOf('delta-logprob', 1, 'the token', null, () => []);
        const pair = pairAt(second, target, second, 'resid_post', { layer: 0, position: 0 });
        expect(colouring?.value(pair)).toBe(0);
        const none = colouringOf('delta-logprob', 5, 'the token', null, () => []);
        expect(none?.value(pair)).toBeNull();
    });

    test('has a trajectory in each run by its text, with the bounds of that run', () => {
        const lines = [first, second].map((run) => ({
            name: run === first ? 'a' : 'b',
            trajectory: tokenTrajectory(run, 'resid_post', [0, 1, 2], 0, chosenIdIn(run, first, second, 3), 'rank'),
        }));
        // The top tokens of position 0 are cells 0, 4 and 8 of the first run, 0, 3 and 6 of the second.
        expect(lines.map(({ trajectory }) => trajectory.points.map(({ value }) => value))).toEqual([
            [NaN, NaN, 1],
            [NaN, 0, 2],
        ]);
        expect(gapWords(lines)).toContain(
            'Gaps: a in 2 of 3 layers, where its rank is 2 or more; b in 1 of 3 layers, where its rank is 3 or more.',
        );
    });

    test('that a run does not have has no trajectory there', () => {
        const trajectory = tokenTrajectory(second, 'resid_post', [0, 1, 2], 0, NO_TOKEN, 'rank');
        expect(trajectory.gaps).toBeNull();
        expect(gapWords([{ name: 'c (second run)', trajectory }])).toBe('c (second run): not known there.');
        expect(gapWords([])).toBe('');
    });
});

describe('a search of two runs', () => {
    test('has the matches of both in the order of reading, each place once', () => {
        const axes = axesOf([first, second], 'resid_post', 1);
        const found = [first, second].map((run) => search(run, axes, new CellFinder(run, axes), 'cat'));
        const places = placesOf(found);
        expect(places.filter(({ isToken }) => isToken)).toEqual([{ layer: 2, position: 1, isToken: true }]);
        expect(places).toHaveLength(new Set(found.flatMap((one) => one.places.map((at) => JSON.stringify(at)))).size);
        expect(places.map(({ position }) => position)).toEqual(places.map(({ position }) => position).toSorted());
        expect(placesOf([search(first, axes, new CellFinder(first, axes), 'dog'), ...found.slice(1)]).length).toBe(
            found[1]?.places.length,
        );
    });
});
