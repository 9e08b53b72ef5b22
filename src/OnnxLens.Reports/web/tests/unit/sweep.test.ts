import { describe, expect, test } from 'vitest';
import { costRows, readSweep } from '../../src/sweep/data';
import { comparisons } from '../../src/sweep/control-chart';
import { comparisonsCsv, samplesCsv } from '../../src/sweep/csv';
import { histogram, isAnti, samplesOf, valueAt } from '../../src/sweep/samples';
import { currentCurve, moveTo, readState, stateText, toggleAlso } from '../../src/sweep/state';
import { tableRun } from './table-run';

const place = {
    dataset: ['d', 'd', 'd'],
    vector: ['v', 'v', 'w'],
    site: ['mlp_in', 'mlp_in', 'mlp_in'],
    layer: [0, 3, 3],
};
const nothing = [NaN, NaN, NaN];

const sweep = readSweep(
    tableRun(
        'sweep',
        {
            summary: {
                ...place,
                samples: [2, 2, 2],
                mean_slope: [1, 2, -1],
                ci_low: [0.5, 1, NaN],
                ci_high: [1.5, 3, NaN],
                curve_r2: nothing,
                mean_spearman: nothing,
                anti_steerable: [0, 0.5, 1],
                monotonic: [1, 0, 0],
                control_slope_mean: [0.1, 0.1, NaN],
                control_slope_sd: [0.2, 0.2, NaN],
                kl: nothing,
                perplexity_ratio: nothing,
            },
            judgements: {
                ...place,
                questions: nothing,
                shuffled_slope: [0.01, NaN, NaN],
                letter_vector_slope: nothing,
                verdict: ['works', 'works', 'undecided'],
                verdict_text: ['works: a', 'works: b', 'undecided: c'],
            },
            letters: {
                dataset: ['d'],
                vector: ['v'],
                site: ['mlp_in'],
                layer: [3],
                letter: ['A'],
                samples: [2],
                mean_slope: [2],
            },
            curves: { ...place, multiplier: [0, 0, 0], mean_propensity: [1, 2, 3], ci_low: nothing, ci_high: nothing },
            slopes: {
                dataset: ['d', 'd'],
                sample: ['row0', 'row1'],
                vector: ['v', 'v'],
                site: ['mlp_in', 'mlp_in'],
                layer: [3, 3],
                slope: [4, -0.5],
                intercept: [0, 0],
                r2: [1, NaN],
                spearman: [1, NaN],
            },
            samples: {
                dataset: ['d', 'd', 'd', 'd'],
                sample: ['row0', 'row0', 'row1', 'row1'],
                split: ['all', 'all', 'all', 'all'],
                letter: ['A', 'A', 'B', 'B'],
                vector: ['v', 'v', 'v', 'v'],
                site: ['mlp_in', 'mlp_in', 'mlp_in', 'mlp_in'],
                layer: [3, 3, 3, 3],
                multiplier: [1, 0, 0, 1],
                propensity: [4, 0, 1, 0.5],
            },
            cost: {
                vector: ['v', 'v'],
                site: ['mlp_in', 'mlp_in'],
                layer: [0, 3],
                multiplier: [1, 1],
                kl: [0, 1],
                perplexity_ratio: [1, 2],
            },
            extraction: { site: [], layer: [] },
            verdicts: {
                dataset: ['d', 'd'],
                vector: ['v', 'w'],
                site: ['mlp_in', 'mlp_in'],
                layer: [3, 3],
                verdict: ['works', 'undecided'],
                text: ['v on d', 'w on d'],
            },
        },
        { provenance: {}, interval_level: 0.95 },
    ),
);

const first = readState(sweep, '');

describe('the state of a sweep', () => {
    test('begins with the hook point of the first verdict', () => {
        expect([first.dataset, first.vector, first.point]).toEqual(['d', 'v', 'mlp_in.3']);
        expect(currentCurve(sweep, first)?.verdictText).toBe('works: b');
    });

    test('is read back from the address', () => {
        const state = {
            ...toggleAlso(first, 'mlp_in.0'),
            sample: 'row1',
            listed: 'anti' as const,
            find: 'row & more',
            pointSort: { key: 'slope', descending: true },
            theme: 'dark' as const,
        };
        expect(readState(sweep, `#${stateText(state)}`)).toEqual(state);
    });

    test('takes nothing from the address that is not there', () => {
        const state = readState(
            sweep,
            '#dataset=x&vector=%3Cb%3E&point=mlp_in.9&show=__proto__&also=a,mlp_in.3&theme=pink',
        );
        expect(state).toEqual(first);
    });

    test('falls back where another vector has not the hook point', () => {
        const moved = moveTo(sweep, { ...first, point: 'mlp_in.0', also: ['mlp_in.3'] }, { vector: 'w' });
        expect([moved.vector, moved.point, moved.also]).toEqual(['w', 'mlp_in.3', []]);
    });

    test('compares hook points once', () => {
        expect(toggleAlso(toggleAlso(first, 'mlp_in.0'), 'mlp_in.0').also).toEqual([]);
    });
});

describe('samples', () => {
    const curve = currentCurve(sweep, first);
    const samples = curve === undefined ? [] : samplesOf(sweep, curve);

    test('have their points in order and their letter, and are anti-steerable below 0', () => {
        expect(samples.map((sample) => [sample.id, sample.letter, isAnti(sample)])).toEqual([
            ['row0', 'A', false],
            ['row1', 'B', true],
        ]);
        expect(samples[0]?.multipliers).toEqual([0, 1]);
        expect(samples[0]?.propensities).toEqual([0, 4]);
        expect(samples[0] && valueAt(samples[0], 0.25)).toBe(1);
    });

    test('of slope 0, or of none, are not anti-steerable', () => {
        expect([0, -0, NaN, -1e-9].map((slope) => isAnti({ slope }))).toEqual([false, false, false, true]);
    });

    test('are saved as they are listed, with every digit', () => {
        expect(curve && samplesCsv(curve, samples.toReversed())).toBe(
            'dataset,sample,letter,vector,site,layer,slope,intercept,r2,spearman,anti_steerable\n' +
                'd,row1,B,v,mlp_in,3,-0.5,0,,,true\n' +
                'd,row0,A,v,mlp_in,3,4,0,1,1,false\n',
        );
    });
});

describe('histogram', () => {
    test('keeps every value, and signs apart', () => {
        const values = [-0.5, -0.01, 0, 0.01, 0.3, 2];
        const bins = histogram(values);
        expect(bins.flatMap((bin) => bin.values).sort((a, b) => a - b)).toEqual(values);
        expect(
            bins.some((bin) => bin.values.some((value) => value < 0) && bin.values.some((value) => value >= 0)),
        ).toBe(false);
    });

    test('of equal values and of none', () => {
        expect(histogram([0, 0]).flatMap((bin) => bin.values)).toEqual([0, 0]);
        expect(histogram([NaN])).toEqual([]);
    });
});

test('costs are those of the vector and hook point', () => {
    expect(costRows(sweep, { vector: 'v', site: 'mlp_in', layer: 3 })).toEqual([1]);
});

test('comparisons leave out what was not run', () => {
    const curve = sweep.curves[0];
    expect(curve && comparisons(curve, 0.95, 4).map(({ name }) => name)).toEqual([
        'the vector',
        'random (4)',
        'shuffled labels',
    ]);
    expect(sweep.curves[2] && comparisons(sweep.curves[2], 0.95, 0).map(({ name }) => name)).toEqual(['the vector']);
});

test('comparisons are saved with all that is drawn of them', () => {
    const curve = sweep.curves[1];
    const whole = curve && { ...curve, shuffled: -0.25, letterVector: 1e-7 };
    expect(whole && comparisonsCsv(whole, comparisons(whole, 0.95, 4))).toBe(
        'dataset,vector,site,layer,slope_of,letter,samples,random_vectors,mean_slope,sd,ci_low,ci_high,interval_level\n' +
            'd,v,mlp_in,3,vector,,2,,2,,1,3,0.95\n' +
            'd,v,mlp_in,3,random,,2,4,0.1,0.2,,,\n' +
            'd,v,mlp_in,3,shuffled,,2,,-0.25,,,,\n' +
            'd,v,mlp_in,3,letter,,2,,1E-07,,,,\n' +
            'd,v,mlp_in,3,samples_of_letter,A,2,,2,,,,\n',
    );
});
