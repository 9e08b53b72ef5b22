import { palette, type Palette } from '../shared/palette';
import { showFragment } from '../shared/fragment';
import { isDark } from '../shared/theme';
import { type Axes, axesOf, CellFinder } from './model/axes';
import { type CellPair } from './model/cell-pair';
import { type Colouring, colouringOf } from './model/colouring';
import { type LensRun } from './model/lens-run';
import { type Match, type Matches, NO_MATCHES, placesOf, search } from './model/search';
import { runsShown, startState, withinRuns } from './model/start-state';
import { namingRun, unknownRank } from './model/token-match';
import { MAX_PINS, type Place, stateOf, stateText, type ViewState } from './model/view-state';
import { tokenWords } from './model/words';

/** What the page shows: the runs, what the user chose, and what follows from both. Parts of the page listen to it. */
export class LensView {
    private readonly listeners: (() => void)[] = [];
    private readonly start: ViewState;
    private current: ViewState;
    private scheduled = false;
    private cached: Derived | null = null;
    private found: Found | null = null;
    /** What is searched for. */
    query = '';

    constructor(
        readonly first: LensRun,
        private other: LensRun | null,
    ) {
        this.start = startState(first, other);
        this.current = withinRuns(stateOf(location.hash, this.start, this.sites), first, other);
    }

    get state(): ViewState {
        return this.current;
    }

    get second(): LensRun | null {
        return this.other;
    }

    /** The sites of both runs. */
    get sites(): readonly string[] {
        return [...new Set([...this.first.sites, ...(this.other?.sites ?? [])])];
    }

    /** Whether a site is the residual stream; else the lens is one of a component. */
    isResidual(site: string): boolean {
        return this.first.isResidual(site) || this.other?.isResidual(site) === true;
    }

    /** The runs that have a grid now. */
    get shownRuns(): readonly LensRun[] {
        return runsShown(this.current.shown, this.first, this.other);
    }

    get palette(): Palette {
        return palette(isDark(this.current.theme));
    }

    get axes(): Axes {
        return this.derived.axes;
    }

    get colouring(): Colouring | null {
        return this.derived.colouring;
    }

    /** The cell that panels show: the pinned one, else that of the cursor. */
    get place(): Place {
        return this.current.pinned ?? this.current.cursor;
    }

    /** What a run has of the text that is searched for. */
    matchesIn(run: LensRun): Matches {
        return this.searched.ofRun.get(run) ?? NO_MATCHES;
    }

    /** The matches of all shown runs, in the order of reading. */
    get foundPlaces(): readonly Match[] {
        return this.searched.places;
    }

    finder(run: LensRun): CellFinder {
        return run === this.first ? this.derived.first : (this.derived.second ?? this.derived.first);
    }

    /** A cell of a run with its like in the other. */
    pair(run: LensRun, layerRow: number, positionColumn: number): CellPair {
        const { first, second } = this.derived;
        const firstCell = first.at(layerRow, positionColumn);
        const secondCell = second?.at(layerRow, positionColumn) ?? -1;
        return {
            run,
            cell: run === this.first ? firstCell : secondCell,
            first: this.first,
            firstCell,
            second: this.other,
            secondCell,
        };
    }

    /** Changes what the user chose. */
    set(change: Partial<ViewState>): void {
        this.current = withinRuns({ ...this.current, ...change }, this.first, this.other);
        showFragment(stateText(this.current, this.start));
        this.changed();
    }

    /** Takes the state of the address, which the user may have put there. */
    restore(): void {
        this.current = withinRuns(stateOf(location.hash, this.start, this.sites), this.first, this.other);
        this.changed();
    }

    /** Draws a token's trajectory, or no longer. */
    togglePin(id: number): void {
        const { pins } = this.current;
        this.set({ pins: pins.includes(id) ? pins.filter((pin) => pin !== id) : [...pins, id].slice(-MAX_PINS) });
    }

    /** Puts a second run beside the first, or takes it away. */
    setSecond(run: LensRun | null): void {
        this.other = run;
        this.cached = null;
        this.found = null;
        this.set(run === null ? {} : { shown: 'both' });
    }

    /** What follows from the state is found again: as a theme of the system does, or a search. */
    changed(): void {
        if (!this.scheduled) {
            this.scheduled = true;
            requestAnimationFrame(() => {
                this.scheduled = false;
                this.listeners.forEach((listener) => listener());
            });
        }
    }

    /** Calls back once before the next frame after changes. */
    onChange(listener: () => void): void {
        this.listeners.push(listener);
        listener();
    }

    /** What the chosen token is called. */
    get chosenText(): string {
        const { token } = this.current;
        return token === 'next' ? 'the token that follows' : this.tokenWords(token, 24);
    }

    /** A chosen token in the words of the run that names it: a pin can come from either, or from a link. */
    tokenWords(id: number, length: number): string {
        return tokenWords(namingRun(id, this.first, this.other), id, length);
    }

    private get searched(): Found {
        if (this.found?.query !== this.query || this.found.axes !== this.axes) {
            const { query, axes } = this;
            const ofRun = new Map(this.shownRuns.map((run) => [run, search(run, axes, this.finder(run), query)]));
            this.found = { query, axes, ofRun, places: placesOf([...ofRun.values()]) };
        }
        return this.found;
    }

    private get derived(): Derived {
        const { site, stride, mode, token, shown } = this.current;
        const key = JSON.stringify([site, stride, mode, token, shown]);
        if (this.cached?.key !== key) {
            const axes =
                this.cached?.axesKey === JSON.stringify([site, stride, shown])
                    ? this.cached.axes
                    : axesOf(this.shownRuns, site, stride);
            const first = new CellFinder(this.first, axes);
            const second = this.other === null ? null : new CellFinder(this.other, axes);
            this.cached = { key, axesKey: JSON.stringify([site, stride, shown]), axes, first, second, colouring: null };
            const unknown = unknownRank(this.shownRuns, this.first, this.other, token);
            const colouring = colouringOf(mode, token, this.chosenText, unknown, () => this.allPairs(axes));
            this.cached = { ...this.cached, colouring };
        }
        return this.cached;
    }

    /** Every cell of the shown runs: the ends of a scale do not depend on what is scrolled to. */
    private *allPairs(axes: Axes): Iterable<CellPair> {
        for (const run of this.shownRuns) {
            for (let row = 0; row < axes.layers.length; row++) {
                for (let column = 0; column < axes.positions.length; column++) {
                    const pair = this.pair(run, row, column);
                    if (pair.cell >= 0) {
                        yield pair;
                    }
                }
            }
        }
    }
}

/** What a search found. */
interface Found {
    readonly query: string;
    readonly axes: Axes;
    readonly ofRun: ReadonlyMap<LensRun, Matches>;
    readonly places: readonly Match[];
}

interface Derived {
    readonly key: string;
    readonly axesKey: string;
    readonly axes: Axes;
    readonly first: CellFinder;
    readonly second: CellFinder | null;
    readonly colouring: Colouring | null;
}
