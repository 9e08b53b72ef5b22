import { button, element, select, setOptions } from '../shared/dom';
import { palette } from '../shared/palette';
import type { Store } from '../shared/store';
import { isDark } from '../shared/theme';
import { gridOf, type PromptRow, promptRows, promptsText } from './cells';
import type { Drift } from './data';
import { HeatFigure } from './heat-figure';
import { CELL_MEASURES, cellMeasureOf } from './measures';
import { readout, readoutList } from './readout';
import type { DriftState } from './state';
import { promptTable } from './tables';
import { shownPrompt, worstPrompt } from './worst';

/** The prompts: their table, and of one of them each position by layer. */
export function promptPart(drift: Drift, store: Store<DriftState>): HTMLElement[] {
    const rows = promptRows(drift);
    return [strip(drift, store, rows), list(drift, store, rows)];
}

function strip(drift: Drift, store: Store<DriftState>, rows: readonly PromptRow[]): HTMLElement {
    const prompts = rows.map(({ prompt }) => prompt);
    const go = (prompt: number | null): void => store.change({ prompt, position: 0 });
    const shown = (): number => shownPrompt(drift, store.current);
    const measures = CELL_MEASURES.map(({ key, text }) => ({ value: key, text }));
    const prompt = select<string>('prompt', [], '', (value) => go(value === WORST ? null : Number(value)));
    const measure = select('colour', measures, store.current.cell, (cell) => store.change({ cell }));
    const step = (by: number): void => go(prompts[prompts.indexOf(shown()) + by] ?? shown());
    const previous = button('Previous prompt', () => step(-1));
    const next = button('Next prompt', () => step(1));
    const cell = element('div', { role: 'status', class: 'cell' });
    const figure = new HeatFigure(
        drift,
        [prompt, previous, next, measure],
        () => store.current,
        (layer, position) => store.change({ layer, position }),
    );
    store.onChange(['prompt', 'site', 'cell', 'layer', 'position'], (state) => {
        setOptions(
            prompt.querySelector('select') as HTMLSelectElement,
            promptOptions(drift, state, prompts),
            state.prompt === null ? WORST : String(state.prompt),
        );
        setOptions(measure.querySelector('select') as HTMLSelectElement, measures, state.cell);
        previous.disabled = shown() === prompts[0];
        next.disabled = shown() === prompts.at(-1);
        const grid = gridOf(drift, shown(), state.site);
        figure.draw(grid, state, palette(isDark(state.theme)));
        cell.replaceChildren(readoutList(readout(drift, figure.rowOf(grid, state))));
    });
    figure.element.append(cell);
    return figure.element;
}

/** The choice that follows the figure and the site that are shown. */
const WORST = 'worst';

function promptOptions(
    drift: Drift,
    { site, cell }: DriftState,
    prompts: readonly number[],
): { value: string; text: string }[] {
    const worst = worstPrompt(drift, site, cellMeasureOf(cell)).prompt;
    return [
        { value: WORST, text: `the worst: ${worst}` },
        ...prompts.map((prompt) => ({ value: String(prompt), text: String(prompt) })),
    ];
}

function list(drift: Drift, store: Store<DriftState>, rows: readonly PromptRow[]): HTMLElement {
    const table = promptTable(
        (promptSort) => store.change({ promptSort }),
        ({ prompt }) => store.change({ prompt, position: 0 }),
    );
    store.onChange(['prompt', 'site', 'cell', 'promptSort'], (state) => {
        const shown = shownPrompt(drift, state);
        table.show(rows, state.promptSort, ({ prompt }) => prompt === shown);
    });
    return element(
        'section',
        { class: 'part wide', 'aria-label': 'Prompts' },
        element('div', { class: 'row heading' }, element('h2', {}, 'Prompts')),
        element('p', { class: 'summary' }, promptsText(rows)),
        table.element,
    );
}
