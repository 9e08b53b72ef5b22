import { element } from './dom';
import { type Json, provenancePanel } from './provenance';
import { type Store } from './store';
import { type Theme, ThemeButton } from './theme';

/** The head of a report: its title, what it is of, and the choice of the theme. */
export function reportHeader<S extends { readonly theme: Theme }>(
    title: string,
    said: string,
    store: Store<S>,
): HTMLElement {
    const theme = new ThemeButton(
        () => store.current.theme,
        (chosen) => store.change({ theme: chosen } as Partial<S>),
    );
    store.onChange(['theme'], () => theme.update());
    return element('header', {}, element('h1', {}, title), element('span', { class: 'muted' }, said), theme.node);
}

/** Where a report came from, as its last part. */
export const provenancePart = (provenance: unknown): HTMLElement =>
    element('section', { class: 'part wide' }, provenancePanel('Where this came from', provenance as Json));
