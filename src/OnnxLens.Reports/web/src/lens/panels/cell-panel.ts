import { button, element, replaceKeepingFocus } from '../../shared/dom';
import { probabilityText, roundedText, signedText } from '../../shared/number-text';
import { visibleStart } from '../../shared/visible-text';
import { cellOf } from '../model/axes';
import { pairAt } from '../model/cell-pair';
import { type LensRun } from '../model/lens-run';
import { steeredWords } from '../model/steering';
import { choosableId } from '../model/token-match';
import { readNext, readToken, type TokenReading } from '../model/token-reading';
import { kindWords, rankWords, readingLogProb, readingProbability, shadeWords, tokenWords } from '../model/words';
import { type LensView } from '../view';

/** What one cell says, in full: of the pinned cell, else of the one with the cursor. */
export class CellPanel {
    readonly node = element('aside', { class: 'cell-panel', 'aria-label': 'The selected cell' });

    constructor(private readonly view: LensView) {}

    update(): void {
        const { layer, position } = this.view.place;
        const { pinned } = this.view.state;
        const runs = this.view.shownRuns;
        replaceKeepingFocus(
            this.node,
            element('h2', {}, `Layer ${layer}, position ${position}${pinned === null ? '' : ' · pinned'}`),
            ...runs.flatMap((run, index) =>
                this.ofRun(run, runs.length > 1 ? (['First run', 'Second run'][index] ?? '') : ''),
            ),
            element(
                'p',
                { class: 'row' },
                button(
                    pinned === null ? 'Pin this cell' : 'Unpin',
                    () => this.view.set({ pinned: pinned === null ? this.view.place : null }),
                    { 'data-focus': 'cell' },
                ),
            ),
        );
    }

    private ofRun(run: LensRun, title: string): HTMLElement[] {
        const { layer, position } = this.view.place;
        const cell = cellOf(run, this.view.state.site, layer, position);
        const heading: HTMLElement[] = title === '' ? [] : [element('h3', {}, title)];
        const token = element(
            'p',
            {},
            'token ',
            tokenNode(run, run.tokenId(position)),
            ` ${run.tokens[position]?.phase ?? ''}`,
        );
        const steered = steeredWords(run.steering, this.view.state.site, this.view.place);
        if (steered !== null) {
            heading.push(element('p', { class: 'steered' }, `${steered[0]?.toUpperCase() ?? ''}${steered.slice(1)}.`));
        }
        if (cell < 0) {
            return [...heading, token, element('p', { class: 'muted' }, 'This run has no such cell.')];
        }
        if (Number.isNaN(run.logSumExp[cell])) {
            return [...heading, token, element('p', { class: 'muted' }, 'Undefined: the activation was not a number.')];
        }
        return [...heading, token, this.facts(run, cell), this.topTable(run, cell), ...this.others(run, cell)];
    }

    /** Entropy, KL and what the shade stands for; of the first of two runs, with the difference to the second. */
    private facts(run: LensRun, cell: number): HTMLElement {
        const { place, state, first, second, colouring } = this.view;
        const pair = pairAt(run, first, second, state.site, place);
        const quantity = (of: (any: LensRun) => Float32Array): string => {
            const value = of(run)[cell] ?? NaN;
            const isCompared = run === first && second !== null && pair.secondCell >= 0;
            const change = isCompared ? value - (of(second)[pair.secondCell] ?? NaN) : NaN;
            return `${roundedText(value)} nats${Number.isNaN(change) ? '' : ` (${signedText(change)} to the second)`}`;
        };
        const shade = shadeWords(colouring, pair);
        return element(
            'dl',
            {},
            element('dt', {}, 'Entropy'),
            element(
                'dd',
                {},
                quantity((any) => any.entropy),
            ),
            element('dt', {}, 'KL(final‖lens)'),
            element(
                'dd',
                {},
                quantity((any) => any.kl),
            ),
            ...(shade === null ? [] : [element('dt', {}, 'Shade'), element('dd', {}, shade)]),
        );
    }

    private topTable(run: LensRun, cell: number): HTMLElement {
        const rows = [];
        for (let rank = 0; rank < run.topK && run.topId(cell, rank) >= 0; rank++) {
            const logProb = run.topLogProb(cell, rank);
            rows.push(this.row(run, run.topId(cell, rank), { known: true, logProb, rank }, 'top'));
        }
        return table('Top tokens', rows);
    }

    private others(run: LensRun, cell: number): HTMLElement[] {
        const next = run.nextId(cell);
        const rows = [...run.targets].map((id) => this.row(run, id, readToken(run, cell, id), 'target'));
        return [
            ...(next < 0 ? [] : [table('The token that follows', [this.row(run, next, readNext(run, cell), 'next')])]),
            ...(rows.length === 0 ? [] : [table('Targets', rows)]),
        ];
    }

    private row(run: LensRun, id: number, reading: TokenReading, part: string): HTMLElement {
        return element(
            'tr',
            {},
            element('td', {}, this.pin(run, id, part)),
            element('td', { class: 'number' }, rankWords(reading)),
            element('td', { class: 'token' }, tokenNode(run, id)),
            element('td', { class: 'share' }, bar(reading), element('span', {}, readingProbability(reading))),
            element('td', { class: 'number' }, readingLogProb(reading)),
        );
    }

    private pin(run: LensRun, id: number, part: string): HTMLElement {
        const chosen = choosableId(run, this.view.first, id);
        const isPinned = chosen !== null && this.view.state.pins.includes(chosen);
        const title = isPinned ? 'Drop its trajectory' : 'Draw its trajectory';
        const pinned = (): void => {
            if (chosen !== null) {
                this.view.togglePin(chosen);
            }
        };
        return button(isPinned ? '◆' : '◇', pinned, {
            class: 'pin',
            disabled: chosen === null,
            'data-focus': `${run === this.view.first ? 1 : 2} ${part} ${id}`,
            'aria-pressed': isPinned ? 'true' : 'false',
            'aria-label': `Trajectory of ${tokenWords(run, id, 60)}`,
            title: chosen === null ? 'The first run has another token under this id' : title,
        });
    }
}

/** A token in its visible form; more of a long one in its title. */
export function tokenNode(run: LensRun, id: number, length = 40): HTMLElement {
    if (id < 0) {
        return element('span', { class: 'muted' }, 'none');
    }
    const kind = kindWords(run, id);
    return element(
        'span',
        { title: `${visibleStart(run.text(id), 400)}  (id ${id})` },
        element('bdi', { class: 'mono' }, visibleStart(run.text(id), length)),
        kind === '' ? null : element('span', { class: 'kind' }, ` ${kind}`),
    );
}

/** A bar as long as a probability. */
export function bar(reading: TokenReading): HTMLElement {
    const inner = element('i', {});
    inner.style.width = `${reading.known ? Math.exp(reading.logProb) * 100 : 0}%`;
    return element('span', { class: 'bar', 'aria-hidden': 'true' }, inner);
}

function table(caption: string, rows: HTMLElement[]): HTMLElement {
    const heads = ['', 'rank', 'token', 'probability', 'log p'].map((name, index) =>
        element(
            index === 0 ? 'td' : 'th',
            index === 0 ? {} : { scope: 'col', class: index === 1 || index === 4 ? 'number' : null },
            name,
        ),
    );
    return element(
        'table',
        { class: 'tokens' },
        element('caption', {}, caption),
        element('thead', {}, element('tr', {}, ...heads)),
        element('tbody', {}, ...rows),
    );
}

/** The probability of a top token, for a tooltip. */
export const topProbability = (run: LensRun, cell: number, rank: number): string =>
    probabilityText(Math.exp(run.topLogProb(cell, rank)));
