import { describe, expect, test } from 'vitest';
import { axesOf, CellFinder, cellOf } from '../../../src/lens/model/axes';
import { cellsCsv } from '../../../src/lens/model/cells-csv';
import { LensRun } from '../../../src/lens/model/lens-run';
import { folderText, promptText } from '../../../src/lens/model/origin';
import { nextMatch, search } from '../../../src/lens/model/search';
import { readChosen, readNext, readToken } from '../../../src/lens/model/token-reading';
import { gapWords, positionTrajectory, segments, tokenTrajectory } from '../../../src/lens/model/trajectory';
import {
    cellWords,
    differenceWords,
    promptWords,
    rankWords,
    readingProbability,
    runWords,
    tokensDiffer,
} from '../../../src/lens/model/words';
import { sampleData, sampleRun } from './sample';

describe('LensRun', () => {
    test.each(['positions', 'top_ids', 'kl_final_lens', 'target_ranks'])('needs %s', (name) => {
        const data = sampleData();
        expect(
            () => new LensRun({ ...data, arrays: new Map([...data.arrays].filter(([key]) => key !== name)) }),
        ).toThrow(name);
    });

    test('refuses arrays of another length or type, and positions beyond its tokens', () => {
        expect(() => sampleRun({}, { entropy: new Float32Array(3) })).toThrow("'entropy'");
        expect(() => sampleRun({}, { next_ranks: new Float32Array(12) })).toThrow("'next_ranks'");
        expect(() => sampleRun({ positions: [0, 9] })).toThrow('position');
    });

    test('knows which token follows', () => {
        const run = sampleRun({ positions: [1, 3] });
        expect(run.nextId(0)).toBe(2);
        expect(run.nextId(1)).toBe(-1);
    });
});

describe('readToken', () => {
    const run = sampleRun();

    test('is exact for targets, for the token that follows and among the top', () => {
        expect(readToken(run, 0, 4)).toEqual({ known: true, logProb: -5, rank: 7 });
        expect(readToken(run, 5, 2)).toEqual({ known: true, logProb: -3, rank: 9 });
        expect(readToken(run, 0, 0)).toEqual({ known: true, logProb: Math.fround(-Math.LN2), rank: 0 });
        expect(readChosen(run, 0, 'next')).toEqual({ known: true, logProb: -3, rank: 9 });
    });

    test('is a bound elsewhere', () => {
        const reading = readToken(run, 0, 3);
        expect(reading).toEqual({ known: false, logProbBound: Math.fround(-2 * Math.LN2), rankBound: 2 });
        expect(rankWords(reading)).toBe('2 or more');
        expect(readingProbability(reading)).toBe('≤ 0.2500');
    });

    test('is undefined where the cell is, and where nothing follows', () => {
        const undefinedRun = sampleRun({}, { logsumexp: new Float32Array(12).fill(NaN) });
        expect(rankWords(readToken(undefinedRun, 0, 3))).toBe('–');
        expect(rankWords(readNext(run, 3))).toBe('–');
    });
});

describe('axes', () => {
    test('count strides from the last layer, which is always there', () => {
        expect(axesOf([sampleRun({ layers: 6 })], 'resid_post', 4).layers).toEqual([5, 1]);
        expect(axesOf([sampleRun({ layers: 6 })], 'resid_post', 1).layers).toEqual([5, 4, 3, 2, 1, 0]);
    });

    test('hold what either run has, and find the cells of each', () => {
        const [first, second] = [sampleRun({ positions: [0, 2] }), sampleRun({ positions: [2, 3], layers: 4 })];
        const axes = axesOf([first, second], 'resid_post', 1);
        expect(axes.positions).toEqual([0, 2, 3]);
        expect(axes.layers).toEqual([3, 2, 1, 0]);
        expect(new CellFinder(first, axes).at(0, 0)).toBe(-1);
        expect(new CellFinder(first, axes).at(1, 1)).toBe(cellOf(first, 'resid_post', 2, 2));
        expect(new CellFinder(second, axes).at(1, 0)).toBe(-1);
        expect(new CellFinder(second, axes).at(3, 2)).toBe(1);
    });
});

describe('a trajectory', () => {
    test('of a token has gaps where the token is not known, and says how many', () => {
        // The top tokens of position 0 are cells 0, 4 and 8: ids 0, 4, 2 and their successors.
        const trajectory = tokenTrajectory(sampleRun({ targets: [] }), 'resid_post', [2, 1, 0], 0, 5, 'rank');
        expect(trajectory.points.map((point) => point.value)).toEqual([NaN, 1, NaN]);
        expect(trajectory.gaps).toBe('in 2 of 3 layers, where its rank is 2 or more');
        expect(segments(trajectory)).toEqual([[{ layer: 1, value: 1 }]]);
    });

    test('of a position follows its entropy or its KL, and says where there is no number', () => {
        const run = sampleRun({}, { kl_final_lens: new Float32Array(12).fill(0.5).fill(NaN, 0, 4) });
        const entropy = positionTrajectory(run, 'resid_post', [2, 1, 0], 1, 'entropy');
        expect(entropy.points.map(({ value }) => Number(value.toFixed(3)))).toEqual([0.1, 0.5, 0.9]);
        expect(gapWords([{ name: 'a', trajectory: entropy }])).toBe('');
        const kl = positionTrajectory(run, 'resid_post', [2, 1, 0], 1, 'kl');
        expect(kl.points.map(({ value }) => value)).toEqual([NaN, 0.5, 0.5]);
        expect(gapWords([{ name: 'position 1', trajectory: kl }])).toBe('position 1: no number in 1 of 3 layers.');
        const none = positionTrajectory(sampleRun({ positions: [0] }), 'resid_post', [0], 3, 'kl');
        expect(none.missing).toBe('not a position of this run');
    });
});

describe('search', () => {
    const run = sampleRun();
    const axes = axesOf([run], 'resid_post', 1);
    const finder = new CellFinder(run, axes);

    test('finds tokens of the sequence before the cells of their position', () => {
        const { places } = search(run, axes, finder, 'CAT');
        expect(places[0]).toEqual({ layer: 2, position: 1, isToken: true });
        expect(
            places.slice(1).every((place) => run.topId(cellOf(run, 'resid_post', place.layer, place.position)) === 1),
        ).toBe(true);
        expect(places).toHaveLength(3);
    });

    test('finds visible forms', () => {
        expect([...search(run, axes, finder, '·the').ids]).toEqual([0]);
        expect([...search(run, axes, finder, '⏎').ids]).toEqual([3]);
        expect(search(run, axes, finder, 'nothing').places).toEqual([]);
    });

    test('goes around', () => {
        const matches = search(run, axes, finder, 'cat');
        expect(nextMatch(matches.places, -1, 1)).toBe(0);
        expect(nextMatch(matches.places, -1, -1)).toBe(2);
        expect(nextMatch(matches.places, 2, 1)).toBe(0);
        expect(nextMatch(search(run, axes, finder, 'nothing').places, -1, 1)).toBe(-1);
    });
});

describe('cellsCsv', () => {
    test('has the columns, the quoting and the empty fields of the tables', () => {
        const run = sampleRun({ layers: 1, positions: [1, 3] }, { kl_final_lens: new Float32Array([0.1, Infinity]) });
        expect(cellsCsv([{ name: 'first', run }], 'resid_post', [0])).toBe(
            [
                'sequence,position,phase,token_id,token,site,layer,top1_id,top1_logprob,logsumexp,entropy,kl_final_lens,next_id,next_logprob,next_rank',
                '0,1,prompt,1," cat",resid_post,0,0,-0.6931472,10,0,0.1,2,-3,9',
                '0,3,generated,3,"\n",resid_post,0,1,-0.6931472,11,0.1,Infinity,,,',
                '',
            ].join('\n'),
        );
    });

    test('begins with the name of the sequence where it has one, and leaves other layers and sites out', () => {
        const data = sampleData({ sites: ['mlp_out', 'resid_post'] });
        const run = new LensRun({ ...data, header: { ...data.header, name: 'a,b' } });
        const lines = cellsCsv([{ name: 'first', run }], 'mlp_out', [1])
            .trim()
            .split('\n');
        expect(lines[0]).toMatch(/^prompt,sequence,/);
        expect(lines[1]).toMatch(/^"a,b",0,0,prompt,0," the",mlp_out,1,/);
    });
});

describe('cellsCsv of two runs', () => {
    test('is one table with a column that names the run', () => {
        const [first, data] = [sampleRun({ positions: [0] }), sampleData({ positions: [1, 2], layers: 1 })];
        const second = new LensRun({ ...data, header: { ...data.header, name: 'b' } });
        const both = [
            { name: 'first', run: first },
            { name: 'second', run: second },
        ];
        const lines = cellsCsv(both, 'resid_post', [1, 0]).trimEnd().split('\n');
        expect(lines[0]).toMatch(/^run,prompt,sequence,position,/);
        expect(lines.slice(1).map((line) => line.split(',').slice(0, 4).join())).toEqual([
            'first,,0,0',
            'first,,0,0',
            'second,b,0,1',
            'second,b,0,2',
        ]);
    });
});

describe('what a token is', () => {
    const formsOf = (special: unknown): string[] => {
        const data = sampleData({ texts: ['<s>', '[control]', '<0xE2>', '<id 3>'], ids: [0], positions: [0] });
        const run = new LensRun({ ...data, header: { ...data.header, special } });
        return [0, 1, 2, 3].map((id) => run.form(id));
    };

    test('is what the tokenizer says', () => {
        expect(formsOf([1])).toEqual(['text', 'special', 'bytes', 'missing']);
        expect(formsOf([])).toEqual(['text', 'text', 'bytes', 'missing']);
    });

    test.each([null, undefined, 'x'])('is what its spelling says where no tokenizer does: %s', (special) => {
        expect(formsOf(special)).toEqual(['special', 'text', 'bytes', 'missing']);
    });
});

describe('the origin of a run', () => {
    const runOf = (provenance: object): LensRun => {
        const data = sampleData();
        return new LensRun({ ...data, header: { ...data.header, provenance } });
    };

    test('has the prompt as it was given, or as the text of its ids', () => {
        expect(promptText(runOf({ prompt: ' <b>\n' }))).toBe(' <b>\n');
        expect(promptText(runOf({ prompt: null }))).toBe(' the cat sat');
        expect(promptWords(runOf({ prompt: 'a' }), runOf({ prompt: 'a' }))).toBe('Prompt: a');
        expect(promptWords(runOf({ prompt: 'a' }), runOf({ prompt: 'b' }))).toBe('');
    });

    test('has the folder where the run says it', () => {
        expect(folderText(runOf({ folder: '../x' }))).toBe('../x');
        expect(folderText(runOf({}))).toBeNull();
    });
});

describe('words', () => {
    test('say what a cell is', () => {
        const run = sampleRun();
        const words = cellWords(run, 5, { layer: 1, position: 1 }, null);
        expect(words).toContain('layer 1, position 1, prompt token ·cat');
        expect(words).toContain('top token </script>, probability 0.5000');
        expect(words).toContain('the token that follows has rank 9');
        expect(cellWords(run, 5, { layer: 1, position: 1 }, null, 'a', 'b')).toBe(`${words}; a; b`);
        expect(cellWords(run, -1, { layer: 9, position: 1 }, null)).toContain('not in this run');
    });

    test('say what runs are and in what they differ', () => {
        const first = sampleRun();
        const data = sampleData({ ids: [0, 1, 5, 3] });
        const steering = [{ vector: 'dir/bold.npz', point: 'resid_post.3', operator: 'add', strength: '1.5' }];
        const second = new LensRun({
            ...data,
            header: { ...data.header, provenance: { ...first.provenance, steering } },
        });
        expect(runWords(first)).toBe('not steered, bundle abcdef01, fp32');
        const quantization = [
            { bits: 4, block_size: 32 },
            { bits: 4, block_size: 64 },
        ];
        const small = new LensRun({
            ...data,
            header: { ...data.header, provenance: { ...first.provenance, quantization } },
        });
        expect(runWords(small)).toBe('not steered, bundle abcdef01, fp32 over int4');
        expect(runWords(second)).toContain('steered at resid_post.3 with bold.npz (add 1.5)');
        const hostile = new LensRun({ ...data, header: { ...data.header, provenance: { precision: '\u202Efp16' } } });
        expect(runWords(hostile)).toBe('not steered, bundle ?, \\u{202E}fp16');
        expect(tokensDiffer(first, second, 2)).toBe(true);
        expect(differenceWords(first, second)).toBe(
            'They differ in steering. Their tokens differ at 1 position, marked ≠.',
        );
    });
});
