import { describe, expect, test } from 'vitest';
import { cellScale, gridOf, promptRows, promptsText } from '../../src/drift/cells';
import { readDrift } from '../../src/drift/data';
import { heatLayout, layerTop } from '../../src/drift/heat';
import { cellAt, stepFrom } from '../../src/drift/heat-cursor';
import { CELL_MEASURES, cellMeasureOf } from '../../src/drift/measures';
import { pairsOf } from '../../src/drift/slope-scatter';
import { readState, stateText, withGroup } from '../../src/drift/state';
import { beginningText, differenceText, outputText, sentences, sideText } from '../../src/drift/words';
import { shownPrompt, worstPrompt } from '../../src/drift/worst';
import { palette } from '../../src/shared/palette';
import { tableRun } from './table-run';

const side = {
    folder: 'bundle',
    bundle_hash: 'a',
    weights_hash: 'w',
    written_by: 'onnxlens',
    precision: 'fp32',
    quantization: [],
    shards: 1,
    devices: ['cpu', 'cpu'],
    tokenizer_hash: 't',
};

const quantized = {
    ...side,
    bundle_hash: 'b',
    shards: 2,
    quantization: [{ bits: 4, block_size: 32, symmetric: true, accuracy_level: 4 }],
};

/** Two layers of two prompts; the first is equal, the second as far as is said. `output` is the KL at the two positions of the output of each. */
function drift(far: number, lost: string | null = null, output: readonly number[] = [0, far, 0, far]) {
    const row = [0, far];
    const cells = (values: readonly number[]): number[] => [...values, ...values];
    return readDrift(
        tableRun(
            'drift',
            {
                drift: {
                    site: ['resid_post', 'resid_post'],
                    layer: [0, 1],
                    positions: [4, 4],
                    undefined: [0, 0],
                    cosine_mean: [1, 1 - far],
                    relative_difference_max: row,
                    kl_max: row,
                    kl_mean: row,
                    top1_agreement: [1, 0.999],
                    predicted: [2, 2],
                    perplexity_a: [3, 2],
                    perplexity_b: [3, 2 + far],
                },
                drift_positions: {
                    prompt: [0, 0, 0, 0, 1, 1, 1, 1],
                    position: [0, 1, 0, 1, 0, 1, 0, 1],
                    token: ['a', 'b', 'a', 'b', 'c', 'd', 'c', 'd'],
                    site: Array.from({ length: 8 }, () => 'resid_post'),
                    layer: [0, 0, 1, 1, 0, 0, 1, 1],
                    not_finite: [null, null, null, null, null, null, lost, ''],
                    kl: [0, 0, ...output.slice(0, 2), 0, 0, ...output.slice(2)],
                    relative_difference: cells([0, 0, 0, far]),
                    top1_a: cells([1, 1, 1, 1]),
                    top1_b: cells([1, 1, 1, far > 0 ? 2 : 1]),
                },
                drift_slopes: {
                    dataset: ['d', 'd'],
                    vector: ['v', 'w'],
                    site: ['mlp_in', 'mlp_in'],
                    layer: [1, 0],
                    samples: [2, 2],
                    slope_a: [1, 2],
                    slope_b: [1, 2],
                    difference: [0, 0],
                    ci_low: [NaN, 0],
                    ci_high: [NaN, 0],
                    correlation: [1, 1],
                    sign_flips: [1, 0],
                },
                drift_samples: {
                    dataset: ['d', 'd'],
                    sample: ['row0', 'row1'],
                    vector: ['v', 'v'],
                    site: ['mlp_in', 'mlp_in'],
                    layer: [1, 1],
                    slope_a: [3, -1],
                    slope_b: [2, 0.5],
                },
            },
            {
                provenance: { tool: 't', a: side, b: quantized, prompts: 2, tokens: 4, positions: 'all', top_k: 5 },
                interval_level: 0.95,
                cosine_quantile: 0.05,
                final: { site: 'resid_post', layer: 1 },
                looks_like_two_models: false,
                texts: { 1: 'one', 2: 'two' },
            },
        ),
    );
}

describe('words', () => {
    test('say that what is equal is equal', () => {
        expect(sentences(drift(0))[0]).toEqual({
            text: 'A and B are equal at every point compared: activations in every bit, distributions exactly.',
            kind: 'equal',
        });
        expect(outputText(drift(0))).toContain('exactly equal, over 2 tokens');
    });

    test('say where drift begins', () => {
        expect(beginningText(drift(0.5))).toContain('equal up to resid_post.0');
        expect(beginningText(drift(0.5))).toContain('Drift begins at resid_post.1.');
        expect(outputText(drift(0.5))).toContain('KL 0.5 nats, same top token at 99.9 % of positions');
    });

    test('say what is not finite', () => {
        expect(sentences(drift(0, 'both')).filter(({ kind }) => kind === 'warning')).toHaveLength(2);
        expect(sentences(drift(0, 'b')).at(-1)?.text).toContain('B has values that are not finite in 1 of 8 cells');
    });

    test('say what both are, and in what they differ', () => {
        expect(sideText(quantized)).toBe(
            'bundle: fp32 over int4, blocks of 32, symmetric, accuracy level 4; 2 shards on cpu; written by onnxlens',
        );
        expect(differenceText(drift(0))).toBe('A and B differ in: bundle, quantisation, number of shards.');
    });
});

describe('cells', () => {
    test('have their rows by layer and position', () => {
        const grid = gridOf(drift(1), 1, 'resid_post');
        expect([grid.layers, grid.positions]).toEqual([
            [0, 1],
            [0, 1],
        ]);
        expect([grid.row(0, 0), grid.row(1, 1), grid.row(2, 0)]).toEqual([4, 7, -1]);
    });

    test('of the output give a row for each prompt', () => {
        const [first] = promptRows(drift(1));
        expect(first).toEqual({
            prompt: 0,
            start: 'ab',
            positions: 2,
            lost: 0,
            klMean: 0.5,
            klMax: 1,
            sameTop: 0.5,
            firstOther: 1,
        });
        expect(promptRows(drift(0))[0]?.firstOther).toBeNaN();
    });

    test('of a model without a tokenizer keep their ids apart', () => {
        const compared = drift(0);
        const { provenance } = compared;
        const byId = { ...compared, provenance: { ...provenance, a: { ...provenance.a, tokenizer_hash: null } } };
        expect(promptRows(byId)[0]?.start).toBe('a b');
    });

    test('of the output that are not finite are neither equal nor the greatest', () => {
        const rows = (kl: readonly number[]) => promptRows(drift(0, null, kl));
        expect(promptsText(rows([0, 0, 0, 0]))).toBe('The outputs are exactly equal on 2 of 2 prompts.');
        expect(promptsText(rows([0, NaN, 0, 0]))).toBe(
            'The outputs are exactly equal on 1 of 2 prompts. On 1 prompt an output is not finite at some position.',
        );
        const [none, some] = rows([NaN, NaN, 0, 0.5]);
        expect(none).toMatchObject({ klMax: NaN, klMean: NaN, lost: 2 });
        expect(some).toMatchObject({ klMax: 0.5, lost: 0 });
        expect(promptsText(rows([NaN, NaN, 0, 0.5]))).toBe(
            'The outputs are exactly equal on 0 of 2 prompts. On 1 prompt an output is not finite at some position. The output drifts most on prompt 1: KL up to 0.5 nats.',
        );
        expect(promptsText(rows([NaN, NaN, NaN, NaN]))).toBe(
            'The outputs are exactly equal on 0 of 2 prompts. On 2 prompts an output is not finite at some position.',
        );
    });

    test('are found once', () => {
        const whole = drift(1);
        expect(gridOf(whole, 0, 'resid_post')).toBe(gridOf(whole, 0, 'resid_post'));
        expect(gridOf(whole, 1, 'resid_post')).not.toBe(gridOf(whole, 0, 'resid_post'));
    });

    test('that are equal have the colour of the paper, others never', () => {
        const colours = palette(false);
        for (const measure of CELL_MEASURES) {
            const scale = cellScale([0, 1e-12, 0.5, NaN], measure, colours);
            expect(scale.colour(0)).toBe(colours.paper);
            expect(scale.colour(0.5)).not.toBe(colours.paper);
        }
        expect(cellScale([0], CELL_MEASURES[0] as (typeof CELL_MEASURES)[0], colours).high).toBe(0);
    });

    test('have the last layer on top', () => {
        const grid = gridOf(drift(1), 0, 'resid_post');
        const layout = heatLayout(grid, 400);
        const [left, top] = [layout.left + 1, layout.top + 1];
        expect(layerTop(layout, grid, 1)).toBe(layout.top);
        expect(layerTop(layout, grid, 0)).toBe(layout.top + layout.cellHeight);
        expect(cellAt(grid, layout, left, top)).toEqual([1, 0]);
        expect(cellAt(grid, layout, left + layout.cellWidth, top + layout.cellHeight)).toEqual([0, 1]);
        expect(cellAt(grid, layout, left, top + 2 * layout.cellHeight)).toBeNull();
        expect(cellAt(grid, layout, left, layout.top - 1)).toBeNull();
    });

    test('are reached by keys', () => {
        const grid = gridOf(drift(1), 0, 'resid_post');
        expect(stepFrom(grid, [0, 0], 'ArrowLeft')).toEqual([0, 0]);
        expect(stepFrom(grid, [0, 0], 'ArrowUp')).toEqual([1, 0]);
        expect(stepFrom(grid, [1, 0], 'ArrowDown')).toEqual([0, 0]);
        expect(stepFrom(grid, [0, 0], 'ArrowDown')).toEqual([0, 0]);
        expect(stepFrom(grid, [1, 0], 'End')).toEqual([1, 1]);
        expect(stepFrom(grid, [0, 1], 'PageUp')).toEqual([1, 1]);
        expect(stepFrom(grid, [1, 1], 'PageDown')).toEqual([0, 1]);
        expect(stepFrom(grid, [0, 0], 'a')).toBeNull();
    });
});

describe('the worst prompt', () => {
    const worst = (kl: readonly number[], key: 'kl' | 'relative_difference' = 'kl') =>
        worstPrompt(drift(1, null, kl), 'resid_post', cellMeasureOf(key));

    test('has the largest amount, of several alike the first', () => {
        expect(worst([0, 0.5, 0.75, 0])).toEqual({ prompt: 1, amount: 0.75 });
        expect(worst([0, 0.5, 0.5, 0])).toEqual({ prompt: 0, amount: 0.5 });
        expect(worst([0, 0.5, 0.75, 0], 'relative_difference')).toEqual({ prompt: 0, amount: 1 });
    });

    test('is the first where nothing drifts, and leaves out what is not finite', () => {
        expect(worst([0, 0, 0, 0])).toEqual({ prompt: 0, amount: 0 });
        expect(worst([0.25, 0, NaN, Infinity])).toEqual({ prompt: 0, amount: 0.25 });
    });

    test('is shown where none was chosen', () => {
        const compared = drift(1, null, [0, 0.5, 0.75, 0]);
        const first = readState(compared, '');
        expect(first.prompt).toBeNull();
        expect(shownPrompt(compared, first)).toBe(1);
        expect(shownPrompt(compared, { ...first, cell: 'relative_difference' })).toBe(0);
        expect(shownPrompt(compared, readState(compared, '#prompt=0'))).toBe(0);
    });
});

describe('the state of a comparison', () => {
    const whole = drift(1);

    test('is read back from the address', () => {
        const state = {
            ...readState(whole, ''),
            prompt: 1,
            isLog: false,
            cell: 'cosine' as const,
            layer: 1,
            sample: 'row 1',
            theme: 'dark' as const,
        };
        expect(readState(whole, `#${stateText(whole, state)}`)).toEqual(state);
        expect(stateText(whole, readState(whole, ''))).toBe('');
    });

    test('takes nothing from the address that is not there', () => {
        expect(readState(whole, '#prompt=7&site=x&left=y&cell=z&group=9&point=q&points=-w')).toEqual(
            readState(whole, ''),
        );
    });

    test('goes to a hook point that the other vector has', () => {
        expect(withGroup(whole, readState(whole, ''), 1).slopePoint).toBe('mlp_in.0');
    });
});

test('pairs that change their sign are marked', () => {
    const whole = drift(1);
    const slope = whole.slopes.find(({ vector }) => vector === 'v');
    expect(slope && pairsOf(whole, slope).map(({ id, flips }) => [id, flips])).toEqual([
        ['row0', false],
        ['row1', true],
    ]);
    expect(slope && pairsOf(whole, slope)).toBe(slope && pairsOf(whole, slope));
});
