import { element } from '../../shared/dom';
import { roundedText } from '../../shared/number-text';
import { cellOf } from '../model/axes';
import { type LensRun } from '../model/lens-run';
import { steeredWords } from '../model/steering';
import { readNext } from '../model/token-reading';
import { type Place } from '../model/view-state';
import { rankWords } from '../model/words';
import { type LensView } from '../view';
import { bar, tokenNode, topProbability } from './cell-panel';

/** The most tokens of a tooltip; the panel has them all. */
const MOST = 8;

/** What lies under the pointer. The panel says the same to those who have none. */
export class Tooltip {
    readonly node = element('div', { class: 'tooltip', hidden: true, 'aria-hidden': 'true' });
    private shown: { readonly run: LensRun; readonly cell: number } | null = null;

    constructor(private readonly view: LensView) {}

    show(place: Place | null, run: LensRun, x: number, y: number): void {
        const cell = place === null ? -1 : cellOf(run, this.view.state.site, place.layer, place.position);
        this.node.hidden = place === null || cell < 0;
        if (place === null || cell < 0) {
            this.shown = null;
            return;
        }
        if (this.shown?.run !== run || this.shown.cell !== cell) {
            this.shown = { run, cell };
            this.node.replaceChildren(...this.content(place, run, cell));
        }
        const { offsetWidth, offsetHeight } = this.node;
        const left = x + 14 + offsetWidth > innerWidth ? x - 14 - offsetWidth : x + 14;
        this.node.style.left = `${Math.max(4, left)}px`;
        this.node.style.top = `${Math.max(4, Math.min(y + 16, innerHeight - offsetHeight - 4))}px`;
    }

    private content(place: Place, run: LensRun, cell: number): HTMLElement[] {
        const rows = [];
        for (let rank = 0; rank < Math.min(MOST, run.topK) && run.topId(cell, rank) >= 0; rank++) {
            const reading = { known: true, logProb: run.topLogProb(cell, rank), rank } as const;
            rows.push(
                element(
                    'tr',
                    {},
                    element('td', {}, tokenNode(run, run.topId(cell, rank), 24)),
                    element(
                        'td',
                        { class: 'share' },
                        bar(reading),
                        element('span', {}, topProbability(run, cell, rank)),
                    ),
                ),
            );
        }
        const steered = steeredWords(run.steering, this.view.state.site, place);
        const next = readNext(run, cell);
        const facts = `entropy ${roundedText(run.entropy[cell] ?? NaN, 2)} · KL(final‖lens) ${roundedText(run.kl[cell] ?? NaN, 2)} nats`;
        return [
            element('p', {}, `L${place.layer} · ${place.position} `, tokenNode(run, run.tokenId(place.position), 24)),
            ...(steered === null ? [] : [element('p', {}, steered)]),
            element('table', {}, element('tbody', {}, ...rows)),
            element(
                'p',
                { class: 'muted' },
                rows.length === 0 ? 'undefined' : `${facts}${next.known ? ` · next: rank ${rankWords(next)}` : ''}`,
            ),
        ];
    }
}
