import { button, element } from './dom';
import { typeset } from './number-text';
import { visibleText } from './visible-text';

/** A value of a provenance: what JSON holds. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Lists longer than this are cut for the eye; the copy has them whole. */
const SHOWN = 64;

/** A provenance as a list of names and values that can be folded and copied. */
export function provenancePanel(title: string, provenance: Json): HTMLElement {
    const copied = element('span', { role: 'status', class: 'muted' });
    const copy = button('Copy as JSON', () => {
        void copyText(JSON.stringify(provenance, null, 2)).then((done) => {
            copied.textContent = done ? 'Copied.' : 'The browser refused; select the text by hand.';
        });
    });
    return element(
        'details',
        { class: 'provenance' },
        element('summary', {}, title),
        provenanceList(provenance),
        element('p', { class: 'row' }, copy, copied),
    );
}

/** Copies a text to the clipboard; false where the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return copyBySelection(text);
    }
}

/** A value in words: `none` where empty, lists with commas, long hashes whole. */
export function valueText(value: Json): string {
    if (value === null || (Array.isArray(value) && value.length === 0)) {
        return 'none';
    }
    if (Array.isArray(value)) {
        const shown = value.slice(0, SHOWN).map((item) => valueText(item as Json));
        return shown.join(', ') + (value.length > SHOWN ? `, … (${value.length} in all)` : '');
    }
    return typeof value === 'string' ? linesText(value) : typeset(String(value));
}

function provenanceList(value: Json): HTMLElement {
    const list = element('dl', {});
    for (const [name, member] of Object.entries((value ?? {}) as Record<string, Json>)) {
        list.append(element('dt', {}, linesText(name)), element('dd', {}, ...shownValue(member)));
    }
    return list;
}

function shownValue(value: Json): (Node | string)[] {
    if (Array.isArray(value) && value.some(isObject)) {
        return value.map((item) => provenanceList(item as Json));
    }
    return isObject(value) ? [provenanceList(value)] : [valueText(value)];
}

const isObject = (value: Json): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lines stay lines, spaces stay spaces; what acts on text is spelled. */
export const linesText = (text: string): string =>
    text
        .split('\n')
        .map((line) => visibleText(line).replaceAll('·', ' '))
        .join('\n');

// Pages of a disk have no clipboard in some browsers; the old command works there.
function copyBySelection(text: string): boolean {
    const area = element('textarea', { class: 'offscreen', 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
}
