import { fragmentText, oneOf, readFragment, wholeWithin } from '../../shared/fragment';
import { type Theme, THEMES } from '../../shared/theme';
import { type ChosenToken } from './token-reading';

/** By what cells are coloured. The last four compare two runs. */
export const COLOUR_MODES = [
    'probability',
    'entropy',
    'kl',
    'rank',
    'none',
    'delta-logprob',
    'delta-entropy',
    'delta-kl',
    'other-top',
] as const;
export type ColourMode = (typeof COLOUR_MODES)[number];

/** What trajectories show: of a token, or of a position. */
export const MEASURES = ['probability', 'logprob', 'rank', 'entropy', 'kl'] as const;
export type Measure = (typeof MEASURES)[number];
export type PositionMeasure = 'entropy' | 'kl';
export type TokenMeasure = Exclude<Measure, PositionMeasure>;

/** Which runs have a grid. */
export const SHOWN_RUNS = ['first', 'second', 'both'] as const;
export type ShownRuns = (typeof SHOWN_RUNS)[number];

/** A cell by its numbers, whatever the run. */
export interface Place {
    readonly layer: number;
    readonly position: number;
}

/** Everything that the user chose: what a link restores. */
export interface ViewState {
    readonly site: string;
    readonly mode: ColourMode;
    readonly token: ChosenToken;
    /** The cell of the keyboard. */
    readonly cursor: Place;
    /** The cell whose panel stays. */
    readonly pinned: Place | null;
    /** Tokens whose trajectories are drawn. */
    readonly pins: readonly number[];
    readonly stride: number;
    readonly zoom: number;
    readonly transposed: boolean;
    readonly theme: Theme;
    readonly shown: ShownRuns;
    readonly measure: Measure;
}

/** The most tokens that are drawn at once: as many as there are colours. */
export const MAX_PINS = 8;

/** Sizes of cells; 0 is the smallest, without text. */
export const MAX_ZOOM = 5;

/** The fragment that restores a state; what is as at the start is left out. */
export function stateText(state: ViewState, start: ViewState): string {
    const place = (value: Place | null): string => (value === null ? '' : `${value.layer}.${value.position}`);
    const values: Record<keyof ViewState, string> = {
        site: state.site,
        mode: state.mode,
        token: String(state.token),
        cursor: place(state.cursor),
        pinned: place(state.pinned),
        pins: state.pins.join(','),
        stride: String(state.stride),
        zoom: String(state.zoom),
        transposed: state.transposed ? '1' : '0',
        theme: state.theme,
        shown: state.shown,
        measure: state.measure,
    };
    const first = start === state ? null : stateValues(start);
    return fragmentText(
        Object.fromEntries(
            Object.entries(values).map(([name, value]) => [name, first?.[name] === value ? null : value]),
        ),
    );
}

/** The state of a fragment; what is not there or cannot be read is as at the start. */
export function stateOf(hash: string, start: ViewState, sites: readonly string[]): ViewState {
    const values = readFragment(hash);
    const token = values.get('token');
    return {
        site: oneOf(values.get('site'), sites) ?? start.site,
        mode: oneOf(values.get('mode'), COLOUR_MODES) ?? start.mode,
        token: token === 'next' ? 'next' : (wholeWithin(token, 0, 1e9) ?? start.token),
        cursor: placeOf(values.get('cursor')) ?? placeOf(values.get('pinned')) ?? start.cursor,
        pinned: placeOf(values.get('pinned')) ?? start.pinned,
        pins: idsOf(values.get('pins')) ?? start.pins,
        stride: wholeWithin(values.get('stride'), 1, 999) ?? start.stride,
        zoom: wholeWithin(values.get('zoom'), 0, MAX_ZOOM) ?? start.zoom,
        transposed: values.has('transposed') ? values.get('transposed') === '1' : start.transposed,
        theme: oneOf(values.get('theme'), THEMES) ?? start.theme,
        shown: oneOf(values.get('shown'), SHOWN_RUNS) ?? start.shown,
        measure: oneOf(values.get('measure'), MEASURES) ?? start.measure,
    };
}

function stateValues(start: ViewState): Record<string, string> {
    return Object.fromEntries(readFragment(stateText(start, start)));
}

function placeOf(text: string | undefined): Place | null {
    const match = /^(\d{1,6})\.(\d{1,9})$/.exec(text ?? '');
    return match === null ? null : { layer: Number(match[1]), position: Number(match[2]) };
}

function idsOf(text: string | undefined): readonly number[] | null {
    if (text === '') {
        return [];
    }
    const ids = text?.split(',').map((part) => wholeWithin(part, 0, 1e9)) ?? [null];
    return ids.some((id) => id === null) ? null : ([...new Set(ids)].slice(0, MAX_PINS) as number[]);
}
