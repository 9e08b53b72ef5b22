import { numberText, roundedText, signedText } from '../../shared/number-text';
import { type CellPair } from './cell-pair';
import { type Colouring } from './colouring';
import { type TokenReading } from './token-reading';

/** The largest finite magnitude among cells; 0 where there is none. */
function extreme(cells: Iterable<CellPair>, value: (pair: CellPair) => number | null): number {
    let most = 0;
    for (const pair of cells) {
        const found = Math.abs(value(pair) ?? NaN);
        if (found > most && Number.isFinite(found)) {
            most = found;
        }
    }
    return most;
}

/** From zero to the largest value of all cells. */
export function upFromZero(
    title: string,
    cells: () => Iterable<CellPair>,
    value: (pair: CellPair) => number,
): Colouring {
    const top = rounded(extreme(cells(), value));
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => ({ share, text: short(share * top, top) }));
    return {
        title,
        kind: 'sequential',
        ticks,
        unknown: null,
        said: true,
        value,
        text: roundedText,
        share: (number) => number / top,
    };
}

/** Around zero, as far as the largest difference of all cells. */
export function difference(
    title: string,
    cells: () => Iterable<CellPair>,
    value: (pair: CellPair) => number | null,
): Colouring {
    const top = rounded(extreme(cells(), value));
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => ({
        share,
        text: signedText((share * 2 - 1) * top, decimals(top)),
    }));
    const unknown = 'not known in both runs';
    return {
        title,
        kind: 'diverging',
        ticks,
        unknown,
        said: false,
        value,
        text: signedText,
        share: (number) => 0.5 + number / top / 2,
    };
}

/** Ranks by their logarithm, rank 0 strongest: where a rank is only known to be k or more, or nothing of the token is, nothing is drawn. */
export function ranks(
    tokenText: string,
    cells: () => Iterable<CellPair>,
    read: (pair: CellPair) => TokenReading | null,
): Colouring {
    const value = (pair: CellPair): number | null => {
        const reading = read(pair);
        if (reading === null) {
            return null;
        }
        return reading.known ? reading.rank : reading.rankBound < 0 ? NaN : null;
    };
    const last = 10 ** Math.max(1, Math.ceil(Math.log10(1 + extreme(cells(), value))));
    const share = (rank: number): number => 1 - Math.log(1 + rank) / Math.log(1 + last);
    const ticks = [0, ...Array.from({ length: Math.round(Math.log10(last)) }, (_, power) => 10 ** (power + 1))];
    return {
        title: `Rank of ${tokenText} (0 is the top)`,
        kind: 'sequential',
        ticks: ticks.map((rank) => ({ share: share(rank), text: numberText(rank) })),
        unknown: null,
        said: false,
        text: String,
        value,
        share,
    };
}

/** The next number of two digits above, so that marks are short. */
function rounded(value: number): number {
    if (value <= 0) {
        return 1;
    }
    const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
    return Math.ceil(value / unit) * unit;
}

const decimals = (top: number): number => Math.max(0, 2 - Math.floor(Math.log10(top)));

const short = (value: number, top: number): string => (value === 0 ? '0' : roundedText(value, decimals(top)));
