import { describe, expect, test } from 'vitest';
import { startState, withinRuns } from '../../../src/lens/model/start-state';
import { stateOf, stateText, type ViewState } from '../../../src/lens/model/view-state';
import { sampleRun } from './sample';

const run = sampleRun({ sites: ['resid_post', 'mlp_out'] });
const start = startState(run, null);

describe('the state at the start', () => {
    test('is where the prompt ends in the residual stream, with the targets and the top token drawn', () => {
        expect(start).toMatchObject({
            site: 'resid_post',
            cursor: { layer: 2, position: 2 },
            pins: [4],
            shown: 'first',
        });
    });

    test('draws the top token there where there are no targets, or others', () => {
        expect(startState(sampleRun({ targets: [] }), null).pins).toEqual([4]);
        expect(startState(sampleRun({ targets: [1] }), null).pins).toEqual([1, 4]);
    });

    test('looks at the first target, or at the token that follows where there are none', () => {
        expect(start.token).toBe(4);
        expect(startState(sampleRun({ targets: [] }), null).token).toBe('next');
        expect(stateOf('#token=next', start, run.sites).token).toBe('next');
    });

    test('of two runs looks at a target that both know, else at one of either', () => {
        const [both, first] = [sampleRun({ targets: [5, 1] }), sampleRun({ targets: [0, 1] })];
        expect(startState(first, both).token).toBe(1);
        expect(startState(first, sampleRun({ targets: [5] })).token).toBe(0);
        expect(startState(sampleRun({ targets: [] }), both).token).toBe(5);
        expect(startState(sampleRun({ targets: [] }), sampleRun({ targets: [] })).token).toBe('next');
    });

    test('is the last position where none of the prompt is among them', () => {
        expect(startState(sampleRun({ ids: [0, 1, 2, 3, 4], positions: [3, 4] }), null).cursor).toEqual({
            layer: 2,
            position: 4,
        });
    });

    test('shows both runs where there are two', () => {
        expect(startState(run, run).shown).toBe('both');
    });
});

describe('fragments', () => {
    const changed: ViewState = {
        site: 'mlp_out',
        mode: 'rank',
        token: 4,
        cursor: { layer: 1, position: 2 },
        pinned: { layer: 0, position: 1 },
        pins: [1, 2],
        stride: 2,
        zoom: 1,
        transposed: true,
        theme: 'dark',
        shown: 'both',
        measure: 'logprob',
    };

    test('restore everything', () => {
        expect(stateOf(`#${stateText(changed, start)}`, start, run.sites)).toEqual(changed);
        expect(stateOf(`#${stateText({ ...changed, pins: [], pinned: null }, start)}`, start, run.sites)).toEqual({
            ...changed,
            pins: [],
            pinned: null,
        });
    });

    test('are empty at the start', () => {
        expect(stateText(start, start)).not.toBe('');
        expect(stateText({ ...start }, start)).toBe('');
    });

    test.each([
        '#',
        '#%',
        '#site=<script>&mode=x&token=-4&cursor=a.b&pins=1,x&stride=0&zoom=99&theme=pink&shown=all&measure=9',
        '#pins=,,&cursor=1&pinned=9999999999.1',
        `#${'x'.repeat(100_000)}`,
    ])('that are broken change nothing: %.40s', (hash) => {
        expect(stateOf(hash, start, run.sites)).toEqual(start);
    });

    test('put the cursor where the pinned cell is, unless they say otherwise', () => {
        expect(stateOf('#pinned=1.2', start, run.sites).cursor).toEqual({ layer: 1, position: 2 });
    });
});

describe('withinRuns', () => {
    test('takes the nearest cell that there is', () => {
        const state = withinRuns({ ...start, cursor: { layer: 99, position: 99 }, stride: 50 }, run, null);
        expect(state.cursor).toEqual({ layer: 2, position: 3 });
        expect(state.stride).toBe(3);
    });

    test('keeps the cursor on a layer that the stride shows', () => {
        expect(withinRuns({ ...start, cursor: { layer: 1, position: 0 }, stride: 3 }, run, null).cursor.layer).toBe(2);
    });

    test('compares only where there are two runs', () => {
        expect(withinRuns({ ...start, mode: 'delta-kl' }, run, null).mode).toBe('probability');
        expect(withinRuns({ ...start, mode: 'delta-kl' }, run, run).mode).toBe('delta-kl');
    });
});
