import { element, select, setOptions } from '../shared/dom';
import { pointText, sitesOf } from '../shared/hook-points';
import { nameText, sentenceText } from '../shared/name-text';
import { provenancePart, reportHeader } from '../shared/report-parts';
import { Store } from '../shared/store';
import { curvesOf, type Sweep } from './data';
import { currentCurve, datasetsOf, moveTo, readState, stateText, type SweepState, vectorsOf } from './state';
import { figures } from './figures';
import { lists } from './lists';
import { extractionPart, filesPart } from './parts';

/** Shows a sweep in a page. */
export function showSweep(page: HTMLElement, sweep: Sweep): void {
    const read = (hash: string): SweepState => readState(sweep, hash);
    const store = new Store(read(location.hash), stateText, read);
    const [first] = sweep.curves;
    if (first === undefined) {
        page.append(header(sweep, store), element('p', { class: 'problem' }, 'This sweep has no hook point.'));
        return;
    }
    document.title = `Steering sweep: ${nameText(vectorsOf(sweep, first.dataset).join(', '))}`;
    const grid = element('div', { class: 'figures' });
    page.append(header(sweep, store), verdictList(sweep, store), choices(sweep, store), grid);
    grid.append(...figures(sweep, store).map((figure) => figure.element), ...lists(sweep, store));
    grid.append(...extractionPart(sweep), filesPart(sweep), provenancePart(sweep.provenance));
    store.drawAll();
}

function header(sweep: Sweep, store: Store<SweepState>): HTMLElement {
    const {
        split,
        multipliers,
        controls,
        prompt_form: form,
    } = sweep.provenance as {
        split?: string;
        multipliers?: readonly number[];
        controls?: number;
        prompt_form?: string;
    };
    const said = `split ${nameText(String(split))}, ${nameText(String(form))} prompts, ${multipliers?.length ?? 0} multipliers, ${controls ?? 0} random vectors a point`;
    return reportHeader('Steering sweep', said, store);
}

/** The verdict of each vector on each dataset, first; a press shows the hook point that it speaks of. */
function verdictList(sweep: Sweep, store: Store<SweepState>): HTMLElement {
    const entries = sweep.verdicts.map((line) => {
        const shown = (): void =>
            store.set(
                moveTo(sweep, store.current, { dataset: line.dataset, vector: line.vector, point: pointText(line) }),
            );
        const control = element(
            'button',
            { type: 'button', onclick: shown, 'data-verdict': line.verdict },
            sentenceText(line.text),
        );
        return { line, control };
    });
    store.onChange(['dataset', 'vector'], (state) => {
        for (const { line, control } of entries) {
            control.setAttribute(
                'aria-pressed',
                String(line.dataset === state.dataset && line.vector === state.vector),
            );
        }
    });
    return element(
        'ul',
        { class: 'verdicts', 'aria-label': 'Verdicts' },
        ...entries.map(({ control }) => element('li', {}, control)),
    );
}

/** The choices of dataset, vector, site and layer. */
function choices(sweep: Sweep, store: Store<SweepState>): HTMLElement {
    const move = (to: Parameters<typeof moveTo>[2]): void => store.set(moveTo(sweep, store.current, to));
    const site = (): string => currentCurve(sweep, store.current)?.site ?? '';
    const dataset = select('dataset', options(datasetsOf(sweep)), store.current.dataset, (value) =>
        move({ dataset: value }),
    );
    const vector = select('vector', [], '', (value) => move({ vector: value }));
    const sites = select('site', [], '', (value) => move({ point: nearestPoint(sweep, store.current, value) }));
    const layers = select('layer', [], '', (value) => move({ point: `${site()}.${value}` }));
    const place = (field: HTMLLabelElement): HTMLSelectElement => field.querySelector('select') as HTMLSelectElement;
    store.onChange(['dataset', 'vector', 'point'], (state) => {
        const curves = curvesOf(sweep, state.dataset, state.vector);
        const current = currentCurve(sweep, state);
        const here = curves.filter((curve) => curve.site === current?.site).map((curve) => String(curve.layer));
        setOptions(place(dataset), options(datasetsOf(sweep)), state.dataset);
        setOptions(place(vector), options(vectorsOf(sweep, state.dataset)), state.vector);
        setOptions(place(sites), options(sitesOf(curves)), current?.site ?? '');
        setOptions(place(layers), options(here), String(current?.layer ?? ''));
    });
    return element(
        'div',
        { class: 'row controls', role: 'group', 'aria-label': 'What is shown' },
        dataset,
        vector,
        sites,
        layers,
    );
}

/** The hook point of another site that has the layer, or the nearest to it. */
function nearestPoint(sweep: Sweep, state: SweepState, site: string): string {
    const layer = currentCurve(sweep, state)?.layer ?? 0;
    const there = curvesOf(sweep, state.dataset, state.vector).filter((curve) => curve.site === site);
    const [nearest] = there.sort((a, b) => Math.abs(a.layer - layer) - Math.abs(b.layer - layer));
    return nearest === undefined ? state.point : pointText(nearest);
}

const options = (values: readonly string[]): { value: string; text: string }[] =>
    values.map((value) => ({ value, text: nameText(value) }));
