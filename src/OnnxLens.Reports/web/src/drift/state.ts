import { fragmentText, oneOf, readFragment, wholeWithin } from '../shared/fragment';
import { byPoint, pointText, sitesOf } from '../shared/hook-points';
import { readSort, type Sort, sortText } from '../shared/sorting';
import { type Theme, THEMES } from '../shared/theme';
import { type Drift, slopeGroups, type SlopeRow } from './data';
import { CELL_MEASURES, type CellKey, type MeasureKey, measuresOf } from './measures';

export const POINT_KEYS = [
    'point',
    'cosine',
    'cosine5',
    'cosineMin',
    'difference',
    'kl',
    'klMax',
    'top1',
    'topk',
    'shift',
    'shiftAbs',
    'perplexityA',
    'perplexityB',
    'lost',
] as const;
export const PROMPT_KEYS = ['prompt', 'start', 'positions', 'klMean', 'klMax', 'sameTop', 'firstOther'] as const;
export const SLOPE_KEYS = ['point', 'a', 'b', 'difference', 'low', 'high', 'correlation', 'flips'] as const;
export const SAMPLE_KEYS = ['sample', 'a', 'b', 'difference', 'flips'] as const;

/** What a page of a comparison shows. */
export interface DriftState {
    readonly site: string;
    readonly left: MeasureKey;
    readonly right: MeasureKey;
    /** Axes that can be logarithmic are. */
    readonly isLog: boolean;
    /** The prompt that was chosen; null: the worst by the figure that is shown. */
    readonly prompt: number | null;
    readonly cell: CellKey;
    /** The cell that is read: the places of its layer and position in the prompt's grid. */
    readonly layer: number;
    readonly position: number;
    /** The place of dataset and vector among those that there are, and the hook point of the samples. */
    readonly group: number;
    readonly slopePoint: string;
    readonly sample: string | null;
    readonly pointSort: Sort | null;
    readonly promptSort: Sort | null;
    readonly slopeSort: Sort | null;
    readonly sampleSort: Sort | null;
    readonly theme: Theme;
}

const MOST = 999_999_999;

/** The state that a fragment names; what it does not name, or names wrongly, is as at first. */
export function readState(drift: Drift, hash: string): DriftState {
    const values = readFragment(hash);
    const keys = measuresOf(drift).map((measure) => measure.key);
    const group = wholeWithin(values.get('group'), 0, slopeGroups(drift).length - 1) ?? 0;
    const points = slopesOf(drift, group).map(pointText);
    return {
        site: oneOf(values.get('site'), sitesOf(drift.points)) ?? drift.final.site,
        left: oneOf(values.get('left'), keys) ?? 'lack',
        right: oneOf(values.get('right'), keys) ?? 'kl',
        isLog: values.get('axis') !== 'linear',
        prompt: wholeWithin(values.get('prompt'), 0, drift.provenance.prompts - 1),
        cell:
            oneOf(
                values.get('cell'),
                CELL_MEASURES.map((measure) => measure.key),
            ) ?? 'kl',
        layer: wholeWithin(values.get('row'), 0, MOST) ?? 0,
        position: wholeWithin(values.get('column'), 0, MOST) ?? 0,
        group,
        slopePoint: oneOf(values.get('point'), points) ?? steepest(slopesOf(drift, group)),
        sample: values.get('sample') ?? null,
        pointSort: readSort(values.get('points'), POINT_KEYS),
        promptSort: readSort(values.get('prompts'), PROMPT_KEYS),
        slopeSort: readSort(values.get('slopes'), SLOPE_KEYS),
        sampleSort: readSort(values.get('samples'), SAMPLE_KEYS),
        theme: oneOf(values.get('theme'), THEMES) ?? 'system',
    };
}

/** The fragment of a state; what is as at first is left out. */
export function stateText(drift: Drift, state: DriftState): string {
    const first = readState(drift, '');
    const changed = <K extends keyof DriftState>(
        key: K,
        text: (value: DriftState[K]) => string = String,
    ): string | null => (state[key] === first[key] ? null : text(state[key]));
    const sort = (value: Sort | null): string => (value === null ? '' : sortText(value));
    return fragmentText({
        site: changed('site'),
        left: changed('left'),
        right: changed('right'),
        axis: state.isLog ? null : 'linear',
        prompt: state.prompt === null ? null : String(state.prompt),
        cell: changed('cell'),
        row: changed('layer'),
        column: changed('position'),
        group: changed('group'),
        point: changed('slopePoint'),
        sample: state.sample,
        points: changed('pointSort', sort),
        prompts: changed('promptSort', sort),
        slopes: changed('slopeSort', sort),
        samples: changed('sampleSort', sort),
        theme: changed('theme'),
    });
}

/** The slopes of a dataset and vector, in the order of a forward pass. */
export function slopesOf(drift: Drift, group: number): SlopeRow[] {
    const names = slopeGroups(drift)[group];
    return drift.slopes
        .filter((slope) => slope.dataset === names?.dataset && slope.vector === names.vector)
        .sort(byPoint);
}

/** The state with another dataset and vector. */
export const withGroup = (drift: Drift, state: DriftState, group: number): DriftState => {
    const there = slopesOf(drift, group);
    const isThere = there.some((slope) => pointText(slope) === state.slopePoint);
    return { ...state, group, sample: null, slopePoint: isThere ? state.slopePoint : steepest(there) };
};

function steepest(slopes: readonly SlopeRow[]): string {
    const [first] = [...slopes].sort((a, b) => Math.abs(b.a) - Math.abs(a.a));
    return first === undefined ? '' : pointText(first);
}
