import { fragmentText, oneOf, readFragment } from '../shared/fragment';
import { distinct, pointText } from '../shared/hook-points';
import { readSort, type Sort, sortText } from '../shared/sorting';
import { type Theme, THEMES } from '../shared/theme';
import { type Curve, curvesOf, type Sweep } from './data';
import { type MeasureKey, MEASURES } from './measures';

/** Which samples are listed. */
export type Listed = 'all' | 'anti';

export const POINT_KEYS = [
    'point',
    'dataset',
    'vector',
    'slope',
    'low',
    'high',
    'r2',
    'anti',
    'monotonic',
    'random',
    'sd',
    'kl',
    'ratio',
    'shuffled',
    'letter',
    'verdict',
] as const;

export const SAMPLE_KEYS = ['sample', 'letter', 'slope', 'intercept', 'r2', 'spearman', 'anti'] as const;

/** What a page of a sweep shows. */
export interface SweepState {
    readonly dataset: string;
    readonly vector: string;
    /** The hook point in front, as `mlp_in.3`. */
    readonly point: string;
    /** Further hook points whose mean curves are drawn. */
    readonly also: readonly string[];
    readonly measure: MeasureKey;
    readonly sample: string | null;
    readonly listed: Listed;
    readonly find: string;
    readonly pointSort: Sort | null;
    readonly sampleSort: Sort;
    readonly theme: Theme;
}

const MOST_ALSO = 7;

const FIRST_SAMPLE_SORT: Sort = { key: 'slope', descending: false };

/** The state that a fragment names; what it does not name, or names wrongly, is as at first. */
export function readState(sweep: Sweep, hash: string): SweepState {
    const values = readFragment(hash);
    const verdict = sweep.verdicts[0];
    const dataset = oneOf(values.get('dataset'), datasetsOf(sweep)) ?? verdict?.dataset ?? '';
    const vector = oneOf(values.get('vector'), vectorsOf(sweep, dataset)) ?? vectorsOf(sweep, dataset)[0] ?? '';
    const points = curvesOf(sweep, dataset, vector).map(pointText);
    const point = oneOf(values.get('point'), points) ?? firstPoint(sweep, dataset, vector);
    const also = (values.get('also') ?? '').split(',').filter((name) => points.includes(name) && name !== point);
    return {
        dataset,
        vector,
        point,
        also: distinct(also).slice(0, MOST_ALSO),
        measure:
            oneOf(
                values.get('show'),
                MEASURES.map((measure) => measure.key),
            ) ?? 'slope',
        sample: values.get('sample') ?? null,
        listed: oneOf(values.get('list'), ['all', 'anti'] as const) ?? 'all',
        find: values.get('find') ?? '',
        pointSort: readSort(values.get('points'), POINT_KEYS),
        sampleSort: readSort(values.get('samples'), SAMPLE_KEYS) ?? FIRST_SAMPLE_SORT,
        theme: oneOf(values.get('theme'), THEMES) ?? 'system',
    };
}

/** The fragment of a state; what is as at first is left out, but for what is looked at. */
export function stateText(state: SweepState): string {
    return fragmentText({
        dataset: state.dataset,
        vector: state.vector,
        point: state.point,
        also: state.also.join(',') || null,
        show: state.measure === 'slope' ? null : state.measure,
        sample: state.sample,
        list: state.listed === 'all' ? null : state.listed,
        find: state.find || null,
        points: state.pointSort === null ? null : sortText(state.pointSort),
        samples: sortText(state.sampleSort) === sortText(FIRST_SAMPLE_SORT) ? null : sortText(state.sampleSort),
        theme: state.theme === 'system' ? null : state.theme,
    });
}

/** The state with another dataset, vector or hook point; what the new one does not have falls back to what its verdict speaks of. */
export function moveTo(
    sweep: Sweep,
    state: SweepState,
    to: Partial<Pick<SweepState, 'dataset' | 'vector' | 'point'>>,
): SweepState {
    const moved = { ...state, ...to };
    const vectors = vectorsOf(sweep, moved.dataset);
    const vector = vectors.includes(moved.vector) ? moved.vector : (vectors[0] ?? '');
    const points = curvesOf(sweep, moved.dataset, vector).map(pointText);
    const point = points.includes(moved.point) ? moved.point : firstPoint(sweep, moved.dataset, vector);
    const isElsewhere = moved.dataset !== state.dataset;
    return {
        ...moved,
        vector,
        point,
        also: state.also.filter((name) => points.includes(name) && name !== point),
        sample: isElsewhere ? null : state.sample,
    };
}

/** The state with a hook point added to, or taken from, those whose mean curves are drawn. */
export function toggleAlso(state: SweepState, point: string): SweepState {
    const also = state.also.includes(point)
        ? state.also.filter((name) => name !== point)
        : [...state.also, point].slice(-MOST_ALSO);
    return { ...state, also };
}

/** The curve in front. */
export const currentCurve = (sweep: Sweep, state: SweepState): Curve | undefined =>
    curvesOf(sweep, state.dataset, state.vector).find((curve) => pointText(curve) === state.point);

export const datasetsOf = (sweep: Sweep): string[] => distinct(sweep.curves.map((curve) => curve.dataset));

export const vectorsOf = (sweep: Sweep, dataset: string): string[] =>
    distinct(sweep.curves.filter((curve) => curve.dataset === dataset).map((curve) => curve.vector));

function firstPoint(sweep: Sweep, dataset: string, vector: string): string {
    const verdict = sweep.verdicts.find((line) => line.dataset === dataset && line.vector === vector);
    const [first] = curvesOf(sweep, dataset, vector);
    return verdict !== undefined ? pointText(verdict) : first === undefined ? '' : pointText(first);
}
