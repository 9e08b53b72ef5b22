import { button, element, replaceKeepingFocus } from '../../shared/dom';
import { nextMatch } from '../model/search';
import { choosableId } from '../model/token-match';
import { type LensView } from '../view';

/** The most tokens offered to be pinned. */
const OFFERED = 6;

/** Searches tokens of the sequence and top tokens; goes from match to match. */
export class SearchBox {
    readonly node: HTMLElement;
    readonly input;
    private readonly count = element('span', { class: 'muted count', role: 'status' });
    private readonly offers = element('span', { class: 'row' });
    private at = -1;

    constructor(private readonly view: LensView) {
        this.input = element('input', {
            type: 'search',
            'aria-label': 'Search tokens',
            placeholder: 'Search tokens',
            spellcheck: 'false',
            autocomplete: 'off',
            oninput: () => this.typed(),
            onkeydown: (event: KeyboardEvent) => this.pressed(event),
        });
        this.node = element(
            'div',
            { class: 'search row', role: 'search' },
            this.input,
            button('↑', () => this.go(-1), { 'aria-label': 'Previous match' }),
            button('↓', () => this.go(1), { 'aria-label': 'Next match' }),
            this.count,
            this.offers,
        );
    }

    update(): void {
        const { foundPlaces, query, first, shownRuns } = this.view;
        const { length } = foundPlaces;
        this.count.textContent =
            query === ''
                ? ''
                : length === 0
                  ? 'no match'
                  : `${this.at < 0 ? '' : `${this.at + 1} of `}${length} match${length === 1 ? '' : 'es'}`;
        const found = shownRuns.flatMap((run) =>
            [...this.view.matchesIn(run).ids].map((id) => choosableId(run, first, id)),
        );
        const ids = [...new Set(found)].filter((id) => id !== null).slice(0, OFFERED);
        replaceKeepingFocus(
            this.offers,
            ...ids.map((id) => {
                const words = this.view.tokenWords(id, 16);
                const isPinned = this.view.state.pins.includes(id);
                return button(`${isPinned ? '◆' : '◇'} ${words}`, () => this.view.togglePin(id), {
                    class: 'offer mono',
                    'aria-pressed': String(isPinned),
                    'aria-label': `Trajectory of ${words}`,
                });
            }),
        );
    }

    private typed(): void {
        this.view.query = this.input.value;
        this.at = -1;
        this.view.changed();
    }

    private pressed(event: KeyboardEvent): void {
        if (event.key === 'Enter') {
            this.go(event.shiftKey ? -1 : 1);
        } else if (event.key === 'Escape') {
            this.input.value = '';
            this.typed();
            this.input.blur();
        } else {
            return;
        }
        event.preventDefault();
    }

    private go(step: 1 | -1): void {
        this.at = nextMatch(this.view.foundPlaces, this.at, step);
        const match = this.view.foundPlaces[this.at];
        if (match !== undefined) {
            this.view.set({ cursor: { layer: match.layer, position: match.position } });
        }
    }
}
