import { LensRun } from '../../../src/lens/model/lens-run';
import { type Run, type RunArray } from '../../../src/shared/run';

/** What a sample has; cells are [point, position]. */
export interface Sample {
    readonly sites: readonly string[];
    readonly layers: number;
    readonly texts: readonly string[];
    readonly ids: readonly number[];
    readonly positions: readonly number[];
    readonly topK: number;
    readonly targets: readonly number[];
}

const DEFAULT: Sample = {
    sites: ['resid_post'],
    layers: 3,
    texts: [' the', ' cat', ' sat', '\n', 'say "hi", ok', '</script>'],
    ids: [0, 1, 2, 3],
    positions: [0, 1, 2, 3],
    topK: 2,
    targets: [4],
};

/** The data of a run: the top token of cell c is c modulo the vocabulary, probabilities 1/2 and 1/4, the target has rank 7. */
export function sampleData(changes: Partial<Sample> = {}, arrays: Readonly<Record<string, RunArray>> = {}): Run {
    const { sites, layers, texts, ids, positions, topK, targets } = { ...DEFAULT, ...changes };
    const points = sites.flatMap((site) =>
        Array.from({ length: layers }, (_, layer) => ({ site, layer, residual: site.startsWith('resid') })),
    );
    const cells = points.length * positions.length;
    const filled = (value: (cell: number) => number, each = 1): Float32Array =>
        Float32Array.from({ length: cells * each }, (_, index) => value(Math.floor(index / each)));
    const hasNext = (cell: number): boolean => (positions[cell % positions.length] ?? 0) + 1 < ids.length;
    const all: Record<string, RunArray> = {
        positions: Int32Array.from(positions),
        targets: Int32Array.from(targets),
        top_ids: Int32Array.from(
            { length: cells * topK },
            (_, index) => (Math.floor(index / topK) + (index % topK)) % texts.length,
        ),
        top_logprobs: Float32Array.from({ length: cells * topK }, (_, index) => -Math.LN2 * (1 + (index % topK))),
        logsumexp: filled((cell) => 10 + cell),
        entropy: filled((cell) => cell / 10),
        kl_final_lens: filled((cell) => cell / 100),
        next_logprobs: filled((cell) => (hasNext(cell) ? -3 : NaN)),
        next_ranks: Int32Array.from({ length: cells }, (_, cell) => (hasNext(cell) ? 9 : -1)),
        target_logprobs: filled(() => -5, targets.length),
        target_ranks: Int32Array.from({ length: cells * targets.length }, () => 7),
        ...arrays,
    };
    return {
        header: {
            kind: 'lens',
            format: 1,
            arrays: [],
            provenance: { bundle_hash: 'abcdef0123456789', precision: 'fp32', steering: [] },
            sequence: 0,
            name: null,
            tokens: ids.map((id, index) => ({ id, phase: index < 3 ? 'prompt' : 'generated' })),
            texts: Object.fromEntries(texts.map((text, id) => [id, text])),
            points,
            top_k: topK,
        },
        arrays: new Map(Object.entries(all)),
    };
}

export const sampleRun = (changes: Partial<Sample> = {}, arrays: Readonly<Record<string, RunArray>> = {}): LensRun =>
    new LensRun(sampleData(changes, arrays));
