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
    return { ids, positions, places: matchesAt(run, axes, finder, ids, positions) };
}

/** The matches of one or two runs in the order of reading; a place where both have one counts once. */
export function placesOf(all: readonly Matches[]): readonly Match[] {
    if (all.length === 1) {
        return all[0]?.places ?? [];
    }
    const found = all.flatMap((matches) => matches.places);
    const once = new Map(found.map((match) => [`${match.position} ${match.layer} ${match.isToken}`, match]));
    return [...once.values()].sort(
        (a, b) => a.position - b.position || Number(b.isToken) - Number(a.isToken) || b.layer - a.layer,
    );
}

/** The match behind one, or before it, around the end; −1 where there is none. */
export function nextMatch(places: readonly Match[], current: number, step: 1 | -1): number {
    const count = places.length;
    return count === 0 ? -1 : current < 0 ? (step === 1 ? 0 : count - 1) : (current + step + count) % count;
}

function matchesAt(
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
