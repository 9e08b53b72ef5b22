import { axesOf } from './axes';
import { type LensRun } from './lens-run';
import { MAX_PINS, type Place, type ShownRuns, type ViewState } from './view-state';

/** The last site of the residual stream, its last cell, and the targets, or what the model says last, as trajectories. */
export function startState(first: LensRun, second: LensRun | null): ViewState {
    const site = first.sites.findLast((name) => first.isResidual(name)) ?? first.sites.at(-1) ?? '';
    const layer = Math.max(0, ...first.points.filter((point) => point.site === site).map((point) => point.layer));
    const position = first.positions.at(-1) ?? 0;
    const point = first.points.findIndex((candidate) => candidate.site === site && candidate.layer === layer);
    const last =
        point < 0 || first.positions.length === 0 ? -1 : first.topId(first.cell(point, first.positions.length - 1));
    return {
        site,
        mode: 'probability',
        token: 'next',
        cursor: { layer, position },
        pinned: null,
        pins: first.targets.length > 0 ? [...first.targets].slice(0, MAX_PINS) : last < 0 ? [] : [last],
        stride: 1,
        zoom: 3,
        transposed: false,
        theme: 'system',
        shown: second === null ? 'first' : 'both',
        measure: 'probability',
    };
}

/** The runs that have a grid. */
export function runsShown(shown: ShownRuns, first: LensRun, second: LensRun | null): readonly LensRun[] {
    if (second === null || shown === 'first') {
        return [first];
    }
    return shown === 'second' ? [second] : [first, second];
}

/** A state that the runs can show: cells that there are, and no comparison with a run that there is not. */
export function withinRuns(state: ViewState, first: LensRun, second: LensRun | null): ViewState {
    const runs = runsShown(state.shown, first, second);
    const { allLayers, positions } = axesOf(runs, state.site, 1);
    const stride = Math.min(state.stride, Math.max(1, allLayers.length));
    const near = ({ layer, position }: Place, layers: readonly number[]): Place => ({
        layer: nearest(layers, layer),
        position: nearest(positions, position),
    });
    const isComparison = state.mode.startsWith('delta') || state.mode === 'other-top';
    return {
        ...state,
        mode: second === null && isComparison ? 'probability' : state.mode,
        cursor: near(state.cursor, axesOf(runs, state.site, stride).layers),
        pinned: state.pinned === null ? null : near(state.pinned, allLayers),
        stride,
    };
}

const nearest = (values: readonly number[], wanted: number): number =>
    values.reduce((best, value) => (Math.abs(value - wanted) < Math.abs(best - wanted) ? value : best), values[0] ?? 0);
