import { probabilityText } from '../../shared/number-text';
import { type CellPair } from './cell-pair';
import { type LensRun } from './lens-run';
import { NO_TOKEN, tokenIn, unknownRank } from './token-match';
import { type ChosenToken, readChosen, type TokenReading } from './token-reading';
import { difference, ranks, upFromZero } from './scales';
import { type ColourMode } from './view-state';

/** A mark of a scale. */
export interface Tick {
    readonly share: number;
    readonly text: string;
}

/** How cells get their colours: a number of each, and where the number lies on a scale. */
export interface Colouring {
    readonly title: string;
    readonly kind: 'sequential' | 'diverging';
    readonly ticks: readonly Tick[];
    /** Whether there are no numbers between the ticks. */
    readonly discrete?: boolean;
    /** What is said of cells whose number is not known, or null where all are. */
    readonly unknown: string | null;
    /** The same of one cell, where it depends on the run. */
    unknownOf?(pair: CellPair): string | null;
    /** The number of a cell; NaN where undefined, `null` where it is not known. */
    value(pair: CellPair): number | null;
    /** A number in words. */
    text(value: number): string;
    /** Whether a cell's panel says the number anyway. */
    readonly said: boolean;
    /** The place of a number on the scale, 0 … 1. */
    share(value: number): number;
}

/** The colouring of a mode; null is none. `cells` gives all cells on which the ends of the scale depend, `unknown` what is said of ranks that are not known. */
export function colouringOf(
    mode: ColourMode,
    chosen: ChosenToken,
    tokenText: string,
    unknown: string | null,
    cells: () => Iterable<CellPair>,
): Colouring | null {
    switch (mode) {
        case 'none':
            return null;
        case 'probability':
            return { ...PROBABILITY, value: ({ run, cell }) => Math.exp(run.topLogProb(cell)) };
        case 'entropy':
            return upFromZero('Entropy, nats', cells, ({ run, cell }) => run.entropy[cell] ?? NaN);
        case 'kl':
            return upFromZero('KL(final‖lens), nats', cells, ({ run, cell }) => run.kl[cell] ?? NaN);
        case 'rank':
            return {
                ...ranks(tokenText, cells, (pair) => read(pair, chosen)),
                unknown,
                unknownOf: ({ run, first, second }) => unknownRank([run], first, second, chosen),
            };
        case 'delta-logprob':
            return difference(`Δ log-probability of ${tokenText}, nats (first − second)`, cells, (pair) =>
                logProbDifference(pair, chosen),
            );
        case 'delta-entropy':
            return difference('Δ entropy, nats (first − second)', cells, (pair) => minus(pair, (run) => run.entropy));
        case 'delta-kl':
            return difference('Δ KL(final‖lens), nats (first − second)', cells, (pair) => minus(pair, (run) => run.kl));
        case 'other-top':
            return { ...OTHER_TOP, value: otherTop };
    }
}

const linear = (value: number): number => value;

const PROBABILITY = {
    title: 'Probability of the top token',
    kind: 'sequential',
    ticks: [0, 0.25, 0.5, 0.75, 1].map((share) => ({ share, text: String(share) })),
    unknown: null,
    said: true,
    text: probabilityText,
    share: linear,
} as const;

const OTHER_TOP = {
    title: 'Top token of the second run',
    kind: 'sequential',
    discrete: true,
    ticks: [
        { share: 0, text: 'the same' },
        { share: 1 / 3, text: 'another' },
    ],
    unknown: 'not in both runs',
    said: false,
    text: (value: number) => (value === 0 ? 'the same' : 'another'),
    share: (value: number) => value / 3,
} as const;

/** What a cell says of the chosen token; null where its run knows nothing of it. */
function read(
    { run, cell, first, second }: Pick<CellPair, 'run' | 'cell' | 'first' | 'second'>,
    chosen: ChosenToken,
): TokenReading | null {
    const own = tokenIn(run, first, second, chosen);
    return own === NO_TOKEN ? null : readChosen(run, cell, own);
}

function logProbDifference({ first, firstCell, second, secondCell }: CellPair, chosen: ChosenToken): number | null {
    if (second === null || firstCell < 0 || secondCell < 0) {
        return null;
    }
    if (chosen === 'next' && first.text(first.nextId(firstCell)) !== second.text(second.nextId(secondCell))) {
        return null;
    }
    const a = read({ run: first, cell: firstCell, first, second }, chosen);
    const b = read({ run: second, cell: secondCell, first, second }, chosen);
    return a?.known === true && b?.known === true ? a.logProb - b.logProb : null;
}

function minus({ first, firstCell, second, secondCell }: CellPair, of: (run: LensRun) => Float32Array): number | null {
    if (second === null || firstCell < 0 || secondCell < 0) {
        return null;
    }
    return (of(first)[firstCell] ?? NaN) - (of(second)[secondCell] ?? NaN);
}

function otherTop({ first, firstCell, second, secondCell }: CellPair): number | null {
    if (second === null || firstCell < 0 || secondCell < 0) {
        return null;
    }
    const [a, b] = [first.topId(firstCell), second.topId(secondCell)];
    return a < 0 || b < 0 ? NaN : Number(first.text(a) !== second.text(b));
}
