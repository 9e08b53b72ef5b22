import { type LensRun } from './lens-run';

/** What a cell says of one token: exactly, or only that it is none of the top tokens. */
export type TokenReading =
    | { readonly known: true; readonly logProb: number; readonly rank: number }
    /** The log-probability is at most `logProbBound`, the rank at least `rankBound`; NaN and −1 where the cell is undefined. */
    | { readonly known: false; readonly logProbBound: number; readonly rankBound: number };

const UNDEFINED: TokenReading = { known: false, logProbBound: NaN, rankBound: -1 };

/** Reads a token in a cell. Targets and the token that follows are exact everywhere, others where they are among the top k. */
export function readToken(run: LensRun, cell: number, id: number): TokenReading {
    if (Number.isNaN(run.logSumExp[cell])) {
        return UNDEFINED;
    }
    const target = run.targets.indexOf(id);
    if (target >= 0) {
        const index = cell * run.targets.length + target;
        return exact(run.targetLogProbs[index], run.targetRanks[index]);
    }
    return run.nextId(cell) === id ? readNext(run, cell) : readTop(run, cell, id);
}

/** Reads the token that really follows. */
export function readNext(run: LensRun, cell: number): TokenReading {
    return exact(run.nextLogProbs[cell], run.nextRanks[cell]);
}

/** The token that colour modes look at: the one that follows each position, or one by its id. */
export type ChosenToken = 'next' | number;

/** Reads the chosen token. */
export const readChosen = (run: LensRun, cell: number, chosen: ChosenToken): TokenReading =>
    chosen === 'next' ? readNext(run, cell) : readToken(run, cell, chosen);

/** Whether every defined cell knows the token. */
export const isExact = (run: LensRun, chosen: ChosenToken): boolean =>
    chosen === 'next' || run.targets.includes(chosen);

function exact(logProb = NaN, rank = -1): TokenReading {
    return rank < 0 ? UNDEFINED : { known: true, logProb, rank };
}

function readTop(run: LensRun, cell: number, id: number): TokenReading {
    let last = -1;
    for (let rank = 0; rank < run.topK && run.topId(cell, rank) >= 0; rank++) {
        if (run.topId(cell, rank) === id) {
            return { known: true, logProb: run.topLogProb(cell, rank), rank };
        }
        last = rank;
    }
    return {
        known: false,
        logProbBound: last < 0 ? NaN : run.topLogProb(cell, last),
        rankBound: last < 0 ? -1 : last + 1,
    };
}
