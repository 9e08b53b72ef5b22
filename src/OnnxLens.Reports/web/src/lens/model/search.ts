import { visibleText } from '../../shared/visible-text';
import { type Axes, type CellFinder } from './axes';
import { type LensRun } from './lens-run';
import { type Place } from './view-state';

/** What a search found: tokens of the sequence, and cells whose top token it is. */
export interface Matches {
    readonly ids: ReadonlySet<number>;
    /** Positions whose token matches. */
    readonly positions: ReadonlySet<number>;
    /** Every match in the order of reading: by position, its token first, then its cells from the last layer down. */
    readonly places: readonly Match[];
}

export interface Match extends Place {
    /** Whether it is the token of the sequence, not a cell. */
    readonly isToken: boolean;
}

export const NO_MATCHES: Matches = { ids: new Set(), positions: new Set(), places: [] };

/** Finds a text in the tokens of a run, as they are and in their visible form; small and capital letters are alike. */
export function search(run: LensRun, axes: Axes, finder: CellFinder, query: string): Matches {
    if (query === '') {
        return NO_MATCHES;
    }
    const wanted = query.toLowerCase();
    const ids = new Set<number>();
    for (const id of run.knownIds) {
        const text = run.text(id);
        if (text.toLowerCase().includes(wanted) || visibleText(text).toLowerCase().includes(wanted)) {
            ids.add(id);
        }
    }
    const positions = new Set(axes.positions.filter((position) => ids.has(run.tokenId(position))));
    return { ids, positions, places: places(run, axes, finder, ids, positions) };
}

/** The match behind a place, or before it, around the end; −1 where there is none. */
export function nextMatch(matches: Matches, current: number, step: 1 | -1): number {
    const count = matches.places.length;
    return count === 0 ? -1 : current < 0 ? (step === 1 ? 0 : count - 1) : (current + step + count) % count;
}

function places(
    run: LensRun,
    axes: Axes,
    finder: CellFinder,
    ids: ReadonlySet<number>,
    positions: ReadonlySet<number>,
): Match[] {
    const found: Match[] = [];
    if (ids.size === 0) {
        return found;
    }
    axes.positions.forEach((position, column) => {
        if (positions.has(position)) {
            found.push({ layer: axes.layers[0] ?? 0, position, isToken: true });
        }
        axes.layers.forEach((layer, row) => {
            const cell = finder.at(row, column);
            if (cell >= 0 && ids.has(run.topId(cell))) {
                found.push({ layer, position, isToken: false });
            }
        });
    });
    return found;
}
