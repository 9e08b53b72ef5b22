import { button, element } from './dom';

/** A list of keys and what they do, in a dialog that `?` opens and Escape closes. */
export function helpDialog(
    title: string,
    keys: readonly (readonly [string, string])[],
    ...notes: readonly string[]
): HTMLDialogElement {
    const dialog = element('dialog', { 'aria-label': title });
    const list = element('dl', { class: 'keys' });
    for (const [key, meaning] of keys) {
        list.append(element('dt', {}, element('kbd', {}, key)), element('dd', {}, meaning));
    }
    dialog.append(
        element('h2', {}, title),
        list,
        ...notes.map((note) => element('p', {}, note)),
        element(
            'p',
            { class: 'row' },
            button('Close', () => dialog.close(), { autofocus: true }),
        ),
    );
    return dialog;
}

/** Whether a key press is meant for a control that takes text or choices. */
export function isTyping(event: Event): boolean {
    const target = event.target;
    return (
        target instanceof HTMLInputElement ||
        target instanceof HTMLSelectElement ||
        target instanceof HTMLTextAreaElement ||
        (target instanceof HTMLElement && target.closest('dialog[open]') !== null)
    );
}
