import { element, select, setOptions } from '../shared/dom';
import { Figure } from '../shared/figure';
import { palette } from '../shared/palette';
import type { Store } from '../shared/store';
import { isDark } from '../shared/theme';
import { type Drift, provenanceLine } from './data';
import { layerChart } from './layer-chart';
import { measuresOf } from './measures';
import type { DriftState } from './state';
import { pointTable } from './tables';

/** Two drawings over the layers, each of a measure of its own. */
export const layerFigures = (drift: Drift, store: Store<DriftState>): HTMLElement[] => [
    layerFigure(drift, store, 'left', 'Over the layers'),
    layerFigure(drift, store, 'right', 'Over the layers, a second figure'),
];

function layerFigure(drift: Drift, store: Store<DriftState>, side: 'left' | 'right', title: string): HTMLElement {
    const measures = measuresOf(drift);
    const options = measures.map(({ key, text }) => ({ value: key, text }));
    const control = select('show', options, store.current[side], (key) => store.change({ [side]: key }));
    const figure = new Figure({
        title,
        fileName: () => `drift-${store.current[side]}`,
        csv: () => drift.tables.drift.csv(),
        colours: () => palette(isDark(store.current.theme)),
        provenance: provenanceLine(drift),
        controls: [control],
    });
    store.onChange([side, 'site', 'isLog'], (state) => {
        setOptions(control.querySelector('select') as HTMLSelectElement, options, state[side]);
        const measure = measures.find(({ key }) => key === state[side]);
        if (measure !== undefined) {
            const { points } = drift;
            const colours = palette(isDark(state.theme));
            figure.show(
                layerChart({ points, site: state.site, measure, isLog: state.isLog, width: figure.width, colours }),
            );
        }
    });
    return figure.element;
}

/** The table of all hook points. */
export function pointPart(drift: Drift, store: Store<DriftState>): HTMLElement {
    const table = pointTable(drift, (pointSort) => store.change({ pointSort }));
    store.onChange(['pointSort'], (state) => table.show(drift.points, state.pointSort));
    return element(
        'section',
        { class: 'part wide', 'aria-label': 'All hook points' },
        element('div', { class: 'row heading' }, element('h2', {}, 'All hook points')),
        table.element,
    );
}
