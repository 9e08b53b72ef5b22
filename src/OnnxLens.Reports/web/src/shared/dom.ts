/** Builds elements. Text is always a text node or an attribute: nothing here reads markup. */

type Listener = (event: never) => void;

/**
 * Attributes by name; `true` is an empty attribute, `false`, `undefined` and `null` are none, and a function is a listener of the
 * event that its name says: `{ onclick: … }`. A style is never an attribute: the page's policy refuses it. Use classes, or
 * `element.style.x`.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | Listener>> & {
    readonly style?: never;
};

export type Child = Node | string | null;

/** An HTML element. */
export function element<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    return filled(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: Child[]
): SVGElementTagNameMap[K] {
    return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** Sets or removes attributes, and adds listeners. */
export function setAttributes(target: Element, attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === 'function') {
            target.addEventListener(name.slice(2), value as EventListener);
        } else if (value === false || value === undefined || value === null) {
            target.removeAttribute(name);
        } else {
            target.setAttribute(name, value === true ? '' : String(value));
        }
    }
}

/** A push button with a text. */
export function button(text: string, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
    return element('button', { type: 'button', onclick, ...attributes }, text);
}

/** A choice among values; `choose` gets the value. */
export function select<T extends string>(
    label: string,
    options: readonly { readonly value: T; readonly text: string; readonly disabled?: boolean }[],
    chosen: T,
    choose: (value: T) => void,
): HTMLLabelElement {
    const control = element('select', { onchange: () => choose(control.value as T) });
    setOptions(control, options, chosen);
    return element('label', { class: 'field' }, element('span', {}, label), control);
}

/** Replaces the options of a choice where they changed, and chooses one. */
export function setOptions(
    control: HTMLSelectElement,
    options: readonly { readonly value: string; readonly text: string; readonly disabled?: boolean }[],
    chosen: string,
): void {
    const key = JSON.stringify(options);
    if (control.dataset['options'] !== key) {
        control.dataset['options'] = key;
        control.replaceChildren(
            ...options.map(({ value, text, disabled }) =>
                element('option', { value, disabled: disabled === true }, text),
            ),
        );
    }
    control.value = chosen;
}

function filled<T extends Element>(target: T, attributes: Attributes, children: readonly Child[]): T {
    setAttributes(target, attributes);
    target.append(...children.filter((child) => child !== null));
    return target;
}

/**
 * Replaces what an element holds; where the focus was in it, what has the same `data-focus` or, failing that, the same label gets it.
 */
export function replaceKeepingFocus(target: Element, ...children: Child[]): void {
    const active = document.activeElement;
    const key = active !== null && target.contains(active) ? focusKey(active) : null;
    target.replaceChildren(...children.filter((child) => child !== null));
    if (key !== null) {
        const again = [...target.querySelectorAll<HTMLElement>('button, summary, input, select')].find(
            (candidate) => focusKey(candidate) === key,
        );
        again?.focus({ preventScroll: true });
    }
}

const focusKey = (control: Element): string =>
    control.getAttribute('data-focus') ?? control.getAttribute('aria-label') ?? control.textContent;
