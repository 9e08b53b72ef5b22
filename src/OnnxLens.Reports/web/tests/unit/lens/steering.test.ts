import { describe, expect, test } from 'vitest';
import {
    operationsWords,
    steeredMarks,
    steeredWords,
    steeringOf,
    unplacedWords,
} from '../../../src/lens/model/steering';

const record = (point: string, positions: string, strength = '1.5') => ({
    vector: 'dir/bold.npz',
    hash: 'h',
    point,
    operator: 'add',
    strength,
    positions,
    applied: 1,
});

const named = (id: number): string => `t${id}`;

const records = [record('mlp_in.3', 'label'), record('resid_post.3', '0-1,4', '2'), record('resid_post.5', 'all')];

const steering = steeringOf(
    records,
    [
        [[4, 4]],
        [
            [0, 1],
            [4, 4],
        ],
        null,
    ],
    6,
    named,
);

describe('the steering of a run', () => {
    test('is at the cells of a layer and a position, those of the site that is shown before the others', () => {
        expect(steering.mark('resid_post', { layer: 3, position: 1 })).toBe('site');
        expect(steering.mark('mlp_in', { layer: 3, position: 1 })).toBe('layer');
        expect(steering.mark('mlp_in', { layer: 3, position: 4 })).toBe('site');
        expect(steering.mark('mlp_in', { layer: 3, position: 2 })).toBeNull();
        expect(steering.mark('mlp_in', { layer: 2, position: 4 })).toBeNull();
        expect(steering.at('resid_post', { layer: 3, position: 4 }).map(({ site }) => site)).toEqual([
            'resid_post',
            'mlp_in',
        ]);
    });

    test('marks headers of layers and positions where a cell is marked', () => {
        expect([2, 3, 5].map((layer) => steering.hasLayer(layer))).toEqual([false, true, false]);
        expect([0, 2, 4].map((position) => steering.hasPosition(position))).toEqual([true, false, true]);
    });

    test('is said in words, with the multiplier', () => {
        expect(steeredWords(steering, 'resid_post', { layer: 3, position: 4 })).toBe(
            'steered here with bold.npz (add 2); steered in this layer at mlp_in with bold.npz (add 1.5)',
        );
        expect(steeredWords(steering, 'resid_post', { layer: 3, position: 3 })).toBeNull();
        expect(operationsWords(steering)).toContain('resid_post.3 with bold.npz (add 2) at positions 0-1,4');
    });

    test('names the tokens of positions that are given by them', () => {
        const tokens = steeringOf([record('mlp_in.3', 'id:338,label,grid:3')], [[]], 6, named);
        expect(operationsWords(tokens)).toMatch(/ at positions id:338 \(t338\),label,grid:3$/);
    });

    test('names no more than a reader takes in', () => {
        const many = steeringOf(
            Array.from({ length: 80 }, (_, layer) => record(`mlp_in.${layer}`, 'all')),
            [],
            6,
            named,
        );
        expect(operationsWords(many)).toMatch(/mlp_in\.2 .*; and 77 more, see the provenance$/);
    });

    test('is not marked where a page does not say at which positions', () => {
        expect(unplacedWords(steering)).toContain('not marked');
        expect(steering.mark('resid_post', { layer: 5, position: 0 })).toBeNull();
        const earlier = steeringOf([record('mlp_in.3', 'label')], undefined, 6, named);
        expect(earlier.mark('mlp_in', { layer: 3, position: 4 })).toBeNull();
        expect(unplacedWords(steeringOf([record('mlp_in.3', 'label')], [[]], 6, named))).toBe('');
    });

    test('survives what no program writes', () => {
        const hostile = steeringOf([record('\u202Ex', '<b>')], [[[0, 1e15], 'x', [null]]], 6, named);
        expect(hostile.operations[0]?.positions?.size).toBe(6);
        expect(hostile.hasLayer(3)).toBe(false);
        expect(operationsWords(hostile)).toBe('\\u{202E}x with bold.npz (add 1.5) at positions <b>');
        expect(steeringOf(null, null, 6, named).operations).toEqual([]);
    });

    test('has the marks that grids show', () => {
        const axes = { layers: [5, 3], positions: [0, 1, 4] };
        expect(steeredMarks([{ steering }], 'resid_post', axes)).toEqual(['site']);
        expect(steeredMarks([{ steering }], 'mlp_in', axes)).toEqual(['site', 'layer']);
        expect(steeredMarks([{ steering }], 'attn_in', axes)).toEqual(['layer']);
        expect(steeredMarks([{ steering }], 'mlp_in', { ...axes, layers: [5] })).toEqual([]);
    });
});
