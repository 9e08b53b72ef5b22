import { axesOf } from './axes';
import { type LensRun } from './lens-run';
import { choosableId, unknownRank } from './token-match';
import { type ChosenToken } from './token-reading';
import { MAX_PINS, type Place, type ShownRuns, type ViewState } from './view-state';

/**
 * The last site of the residual stream, its last layer where the prompt ends, which is where a question is answered, and
 * the targets and what the model says there as trajectories. Ranks and differences are those of a target, where there is one.
 */
export function startState(first: LensRun, second: LensRun | null): ViewState {
    const site = first.sites.findLast((name) => first.isResidual(name)) ?? first.sites.at(-1) ?? '';
    const layer = Math.max(0, ...first.points.filter((point) => point.site === site).map((point) => point.layer));
    const ofPrompt = first.positions.findLastIndex((position) => first.tokens[position]?.phase === 'prompt');
    const index = ofPrompt < 0 ? first.positions.length - 1 : ofPrompt;
    const point = first.points.findIndex((candidate) => candidate.site === site && candidate.layer === layer);
    const top = point < 0 || index < 0 ? -1 : first.topId(first.cell(point, index));
    return {
        site,
        mode: 'probability',
        token: startToken(first, second),
        cursor: { layer, position: first.positions[index] ?? 0 },
        pinned: null,
        pins: [...new Set([...[...first.targets].slice(0, MAX_PINS - 1), ...(top < 0 ? [] : [top])])],
        stride: 1,
        zoom: 3,
        transposed: false,
        theme: 'system',
        shown: second === null ? 'first' : 'both',
        measure: 'probability',
    };
}

/** The first target, of those that each run knows in every cell where there are such; without any, the token that follows. */
function startToken(first: LensRun, second: LensRun | null): ChosenToken {
    const runs = second === null ? [first] : [first, second];
    const targets = runs.flatMap((run) => [...run.targets].map((id) => choosableId(run, first, id)));
    const chosen = targets.filter((id) => id !== null);
    return chosen.find((id) => unknownRank(runs, first, second, id) === null) ?? chosen[0] ?? 'next';
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
