import { palette, type Palette } from '../shared/palette';
import { Store } from '../shared/store';
import { isDark } from '../shared/theme';
import { type Axes, axesOf } from './model/axes';
import { type CellPair } from './model/cell-pair';
import { Cells } from './model/cells';
import { type Colouring, colouringOf } from './model/colouring';
import { type LensRun } from './model/lens-run';
import { Memo } from './model/memo';
import { type Match, type Matches, NO_MATCHES, placesOf, search } from './model/search';
import { runsShown, startState, withinRuns } from './model/start-state';
import { namingRun, unknownRank } from './model/token-match';
import { MAX_PINS, type Place, stateOf, stateText, type ViewState } from './model/view-state';
import { runWords, tokenWords } from './model/words';

/** What the page shows: the runs, what the user chose, and what follows from both. Parts of the page listen to it. */
export class LensView {
    private readonly listeners: (() => void)[] = [];
    private readonly store: Store<ViewState>;
    private readonly cellsMade = new Memo<Cells>();
    private readonly colouringMade = new Memo<Colouring | null>();
    private readonly found = new Memo<Found>();
    private scheduled = false;
    private printing = false;
    /** What is searched for. */
    query = '';

    constructor(
        readonly first: LensRun,
        private other: LensRun | null,
    ) {
        const start = startState(first, other);
        const read = (hash: string): ViewState => withinRuns(stateOf(hash, start, this.sites), this.first, this.other);
        this.store = new Store(read(location.hash), (state) => stateText(state, start), read);
        this.store.onChange(Object.keys(start) as (keyof ViewState)[], () => this.changed());
    }

    get state(): ViewState {
        return this.store.current;
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
        return runsShown(this.state.shown, this.first, this.other);
    }

    /** The colours: those of the theme; on paper the light ones. */
    get palette(): Palette {
        return palette(!this.printing && isDark(this.state.theme));
    }

    /** The cells of the runs on the axes that are shown. */
    get cells(): Cells {
        const { site, stride, shown } = this.state;
        return this.cellsMade.get(
            [site, stride, shown, this.other],
            () => new Cells(axesOf(this.shownRuns, site, stride), this.first, this.other),
        );
    }

    get axes(): Axes {
        return this.cells.axes;
    }

    /** How cells get their colours. The ends of a scale do not depend on what is scrolled to. */
    get colouring(): Colouring | null {
        const { mode, token } = this.state;
        const { cells, shownRuns } = this;
        return this.colouringMade.get([cells, mode, token], () => {
            const unknown = unknownRank(shownRuns, this.first, this.other, token);
            return colouringOf(mode, token, this.chosenText, unknown, () => cells.all(shownRuns));
        });
    }

    /** The cell that panels show: the pinned one, else that of the cursor. */
    get place(): Place {
        return this.state.pinned ?? this.state.cursor;
    }

    /** What a run has of the text that is searched for. */
    matchesIn(run: LensRun): Matches {
        return this.searched.ofRun.get(run) ?? NO_MATCHES;
    }

    /** The matches of all shown runs, in the order of reading. */
    get foundPlaces(): readonly Match[] {
        return this.searched.places;
    }

    /** A cell of a run with its like in the other. */
    pair(run: LensRun, layerRow: number, positionColumn: number): CellPair {
        return this.cells.pair(run, layerRow, positionColumn);
    }

    /** Changes what the user chose. */
    set(change: Partial<ViewState>): void {
        this.store.set(withinRuns({ ...this.state, ...change }, this.first, this.other));
    }

    /** Draws a token's trajectory, or no longer. */
    togglePin(id: number): void {
        const { pins } = this.state;
        this.set({ pins: pins.includes(id) ? pins.filter((pin) => pin !== id) : [...pins, id].slice(-MAX_PINS) });
    }

    /** Puts a second run beside the first, or takes it away. */
    setSecond(run: LensRun | null): void {
        this.other = run;
        this.set(run === null ? {} : { shown: 'both' });
        this.changed();
    }

    /** What follows from the state is shown within the next frame, however much has changed: as a search does. */
    changed(): void {
        if (!this.scheduled) {
            this.scheduled = true;
            requestAnimationFrame(() => {
                this.scheduled = false;
                this.show();
            });
        }
    }

    /** Shows all in the colours of paper, or of the screen again. A browser prints without another frame. */
    print(isPrinting: boolean): void {
        this.printing = isPrinting;
        this.show();
    }

    /** Calls back at once, and once before the next frame after changes. */
    onChange(listener: () => void): void {
        this.listeners.push(listener);
        listener();
    }

    /** What a run is, and which of two. */
    runTitle(run: LensRun): string {
        return `${this.other === null ? '' : run === this.first ? 'First run: ' : 'Second run: '}${runWords(run)}`;
    }

    /** What the chosen token is called. */
    get chosenText(): string {
        const { token } = this.state;
        return token === 'next' ? 'the token that follows' : this.tokenWords(token, 24);
    }

    /** A chosen token in the words of the run that names it: a pin can come from either, or from a link. */
    tokenWords(id: number, length: number): string {
        return tokenWords(namingRun(id, this.first, this.other), id, length);
    }

    private show(): void {
        this.listeners.forEach((listener) => listener());
    }

    private get searched(): Found {
        const { query, cells, shownRuns } = this;
        return this.found.get([query, cells], () => {
            const ofRun = new Map(shownRuns.map((run) => [run, search(run, cells.axes, cells.finder(run), query)]));
            return { ofRun, places: placesOf([...ofRun.values()]) };
        });
    }
}

/** What a search found. */
interface Found {
    readonly ofRun: ReadonlyMap<LensRun, Matches>;
    readonly places: readonly Match[];
}
