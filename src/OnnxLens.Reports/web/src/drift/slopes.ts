import { element, select, setOptions } from '../shared/dom';
import { Figure } from '../shared/figure';
import { pointText } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import { type Palette, palette } from '../shared/palette';
import type { Store } from '../shared/store';
import { isDark } from '../shared/theme';
import { type Drift, provenanceLine, slopeGroups, type SlopeRow } from './data';
import { slopeLayers } from './slope-layers';
import { pairsOf, scatter } from './slope-scatter';
import { type DriftState, slopesOf, withGroup } from './state';
import { sampleTable, slopeTable } from './tables';

/** How steering slopes change from A to B; nothing where they were not measured. */
export function slopeParts(drift: Drift, store: Store<DriftState>): HTMLElement[] {
    return drift.slopes.length === 0
        ? []
        : [layers(drift, store), samples(drift, store), slopeList(drift, store), sampleList(drift, store)];
}

const colours = (store: Store<DriftState>): Palette => palette(isDark(store.current.theme));

/** The slope in front. */
const currentSlope = (drift: Drift, { group, slopePoint }: DriftState): SlopeRow | undefined =>
    slopesOf(drift, group).find((slope) => pointText(slope) === slopePoint);

function layers(drift: Drift, store: Store<DriftState>): HTMLElement {
    const groups = slopeGroups(drift).map(({ dataset, vector }, index) => ({
        value: String(index),
        text: `${nameText(vector)} on ${nameText(dataset)}`,
    }));
    const group = select('vector', groups, String(store.current.group), (value) =>
        store.set(withGroup(drift, store.current, Number(value))),
    );
    const figure = new Figure({
        title: 'Steering slopes in A and B',
        fileName: () => `drift-slopes-${slopeGroups(drift)[store.current.group]?.vector ?? ''}`,
        csv: () => drift.tables.drift_slopes.csv(slopesOf(drift, store.current.group).map((slope) => slope.row)),
        colours: () => colours(store),
        provenance: provenanceLine(drift),
        controls: [group],
    });
    store.onChange(['group'], (state) => {
        setOptions(group.querySelector('select') as HTMLSelectElement, groups, String(state.group));
        figure.show(slopeLayers(slopesOf(drift, state.group), drift.intervalLevel, figure.width, colours(store)));
    });
    return figure.element;
}

function samples(drift: Drift, store: Store<DriftState>): HTMLElement {
    const point = select('point', [], '', (slopePoint) => store.change({ slopePoint }));
    const figure = new Figure({
        title: 'Slopes of the samples',
        fileName: () => `drift-samples-${store.current.slopePoint}`,
        csv: () => drift.tables.drift_samples.csv(currentSlope(drift, store.current)?.sampleRows ?? []),
        colours: () => colours(store),
        provenance: provenanceLine(drift),
        controls: [point],
    });
    store.onChange(['group', 'slopePoint', 'sample'], (state) => {
        const points = slopesOf(drift, state.group).map(pointText);
        setOptions(
            point.querySelector('select') as HTMLSelectElement,
            points.map((value) => ({ value, text: value })),
            state.slopePoint,
        );
        const slope = currentSlope(drift, state);
        if (slope !== undefined) {
            figure.show(
                scatter({
                    slope,
                    pairs: pairsOf(drift, slope),
                    chosen: state.sample,
                    level: drift.intervalLevel,
                    width: figure.width,
                    colours: colours(store),
                    choose: (sample) => store.change({ sample }),
                }),
            );
        }
    });
    return figure.element;
}

function slopeList(drift: Drift, store: Store<DriftState>): HTMLElement {
    const table = slopeTable(
        (slopeSort) => store.change({ slopeSort }),
        (slope) => store.change({ slopePoint: pointText(slope) }),
    );
    store.onChange(['group', 'slopePoint', 'slopeSort'], (state) =>
        table.show(slopesOf(drift, state.group), state.slopeSort, (slope) => pointText(slope) === state.slopePoint),
    );
    return part('Slopes by hook point', table.element);
}

function sampleList(drift: Drift, store: Store<DriftState>): HTMLElement {
    const table = sampleTable(
        (sampleSort) => store.change({ sampleSort }),
        ({ id }) => store.change({ sample: store.current.sample === id ? null : id }),
    );
    store.onChange(['group', 'slopePoint', 'sample', 'sampleSort'], (state) => {
        const slope = currentSlope(drift, state);
        table.show(slope === undefined ? [] : pairsOf(drift, slope), state.sampleSort, ({ id }) => id === state.sample);
    });
    return part('Samples in A and B', table.element);
}

const part = (title: string, content: HTMLElement): HTMLElement =>
    element(
        'section',
        { class: 'part', 'aria-label': title },
        element('div', { class: 'row heading' }, element('h2', {}, title)),
        content,
    );
