import { element, select, setOptions } from '../shared/dom';
import { fileButtons } from '../shared/file-buttons';
import { sitesOf } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import { provenancePart, reportHeader } from '../shared/report-parts';
import { Store } from '../shared/store';
import type { Drift } from './data';
import { layerFigures, pointPart } from './layers';
import { promptPart } from './prompts';
import { slopeParts } from './slopes';
import { type DriftState, readState, stateText } from './state';
import { differenceText, sentences, sideText } from './words';

/** Shows a comparison in a page. */
export function showDrift(page: HTMLElement, drift: Drift): void {
    const read = (hash: string): DriftState => readState(drift, hash);
    const store = new Store(read(location.hash), (state) => stateText(drift, state), read);
    page.append(header(drift, store), sides(drift), ...lead(drift));
    if (drift.points.length > 0) {
        const grid = element('div', { class: 'figures' });
        page.append(choices(drift, store), grid);
        grid.append(
            ...layerFigures(drift, store),
            ...promptPart(drift, store),
            pointPart(drift, store),
            ...slopeParts(drift, store),
        );
        grid.append(fileButtons(Object.values(drift.tables)), provenancePart(drift.provenance));
        store.drawAll();
    }
}

function header({ provenance }: Drift, store: Store<DriftState>): HTMLElement {
    const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;
    const said = `${counted(provenance.prompts, 'prompt')}, ${counted(provenance.tokens, 'token')}, positions: ${nameText(provenance.positions)}`;
    return reportHeader('Drift of B from A', said, store);
}

/** What A and B are, and in what they differ. */
const sides = (drift: Drift): HTMLElement =>
    element(
        'section',
        { 'aria-label': 'A and B' },
        element(
            'dl',
            {},
            element('dt', {}, 'A'),
            element('dd', {}, sideText(drift.provenance.a)),
            element('dt', {}, 'B'),
            element('dd', {}, sideText(drift.provenance.b)),
        ),
        element('p', {}, differenceText(drift)),
    );

const lead = (drift: Drift): HTMLElement[] =>
    sentences(drift).map(({ text, kind }) => element('p', { class: `lead ${kind}` }, text));

function choices(drift: Drift, store: Store<DriftState>): HTMLElement {
    const options = sitesOf(drift.points).map((value) => ({ value, text: value }));
    const site = select('site', options, store.current.site, (value) => store.change({ site: value, layer: 0 }));
    const axis = element('input', { type: 'checkbox', onchange: () => store.change({ isLog: axis.checked }) });
    store.onChange(['site', 'isLog'], (state) => {
        setOptions(site.querySelector('select') as HTMLSelectElement, options, state.site);
        axis.checked = state.isLog;
    });
    return element(
        'div',
        { class: 'row controls', role: 'group', 'aria-label': 'What is shown' },
        site,
        element('label', { class: 'field' }, axis, 'logarithmic axes where they tell more'),
    );
}
