import { CSV_TYPE } from '../shared/csv';
import { button, element, select, setOptions } from '../shared/dom';
import { fileNamePart, saveFile } from '../shared/download';
import { pointText } from '../shared/hook-points';
import { nameText, sentenceText } from '../shared/name-text';
import type { Store } from '../shared/store';
import { samplesCsv } from './csv';
import type { Sweep } from './data';
import { isAnti, type SampleLine, samplesOf } from './samples';
import { currentCurve, type Listed, moveTo, type SweepState } from './state';
import { pointTable, sampleTable } from './tables';

/** The tables of a sweep: the samples of the curve in front, and all hook points. */
export const lists = (sweep: Sweep, store: Store<SweepState>): HTMLElement[] => [
    samples(sweep, store),
    points(sweep, store),
];

const LISTED: readonly { value: Listed; text: string }[] = [
    { value: 'all', text: 'all samples' },
    { value: 'anti', text: 'anti-steerable samples alone' },
];

function samples(sweep: Sweep, store: Store<SweepState>): HTMLElement {
    const table = sampleTable(
        (sampleSort) => store.change({ sampleSort }),
        ({ id }) => store.change({ sample: store.current.sample === id ? null : id }),
    );
    const listed = select('list', LISTED, store.current.listed, (value) => store.change({ listed: value }));
    const find = element('input', { type: 'search', oninput: () => store.change({ find: find.value }) });
    const words = element('p', { class: 'summary', role: 'status' });
    const none = button('No sample', () => store.change({ sample: null }));
    const save = element(
        'div',
        { class: 'row saves', role: 'group', 'aria-label': 'Save: Samples' },
        button('CSV', () => saveListed(sweep, store.current, table.rows)),
    );
    store.onChange(['dataset', 'vector', 'point', 'sample', 'listed', 'find', 'sampleSort'], (state) => {
        const curve = currentCurve(sweep, state);
        const all = curve === undefined ? [] : samplesOf(sweep, curve);
        const shown = all.filter((sample) => isListed(sample, state));
        setOptions(listed.querySelector('select') as HTMLSelectElement, LISTED, state.listed);
        find.value = state.find;
        none.disabled = state.sample === null;
        table.show(shown, state.sampleSort, (sample) => sample.id === state.sample);
        words.textContent = sentence(all, shown, state);
    });
    return element(
        'section',
        { class: 'part', 'aria-label': 'Samples' },
        element(
            'div',
            { class: 'row heading' },
            element('h2', {}, 'Samples'),
            listed,
            element('label', { class: 'field' }, element('span', {}, 'find'), find),
            none,
            save,
        ),
        words,
        table.element,
    );
}

/** Saves the samples that are listed, in their order. */
function saveListed(sweep: Sweep, state: SweepState, shown: readonly SampleLine[]): void {
    const curve = currentCurve(sweep, state);
    if (curve !== undefined) {
        const what = state.listed === 'anti' ? 'anti-steerable' : 'samples';
        const name = fileNamePart(`${what}-${state.vector}-on-${state.dataset}-${state.point}`);
        saveFile(`${name}.csv`, new Blob([samplesCsv(curve, shown)], { type: CSV_TYPE }));
    }
}

function isListed(sample: SampleLine, { listed, find }: SweepState): boolean {
    const isFound = find === '' || sample.id.toLowerCase().includes(find.toLowerCase());
    return isFound && (listed === 'all' || isAnti(sample));
}

function sentence(all: readonly SampleLine[], shown: readonly SampleLine[], { sample, point }: SweepState): string {
    const anti = all.filter(isAnti).length;
    const chosen = all.find((line) => line.id === sample);
    const marked = chosen === undefined ? '' : ` Marked: ${nameText(chosen.id)}, letter ${nameText(chosen.letter)}.`;
    return `${shown.length} of ${all.length} samples at ${point}. ${anti} of all are anti-steerable: their slope is below 0.${marked}`;
}

function points(sweep: Sweep, store: Store<SweepState>): HTMLElement {
    const table = pointTable(
        sweep.curves,
        (pointSort) => store.change({ pointSort }),
        (curve) =>
            store.set(
                moveTo(sweep, store.current, { dataset: curve.dataset, vector: curve.vector, point: pointText(curve) }),
            ),
    );
    const said = element('p', { class: 'summary', role: 'status' });
    store.onChange(['dataset', 'vector', 'point', 'pointSort'], (state) => {
        const current = currentCurve(sweep, state);
        table.show(sweep.curves, state.pointSort, (curve) => curve === current);
        said.textContent = current === undefined ? '' : `${pointText(current)}: ${sentenceText(current.verdictText)}`;
    });
    return element(
        'section',
        { class: 'part wide', 'aria-label': 'All hook points' },
        element('div', { class: 'row heading' }, element('h2', {}, 'All hook points')),
        said,
        table.element,
    );
}
