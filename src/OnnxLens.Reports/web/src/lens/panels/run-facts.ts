import { button, element } from '../../shared/dom';
import { nameText } from '../../shared/name-text';
import { linesText } from '../../shared/provenance';
import { type LensRun } from '../model/lens-run';
import { folderText, isPromptText, promptText } from '../model/origin';

/** Longer prompts are cut until the user asks for all of them. */
const SHOWN = 400;

/** What a run was made of, without unfolding its provenance: the prompt and the bundle. */
export function runFacts(run: LensRun): HTMLElement {
    const prompt = promptText(run);
    const ids = run.tokens.filter(({ phase }) => phase === 'prompt').length;
    return element(
        'dl',
        { class: 'facts' },
        element('dt', {}, isPromptText(run) ? 'Prompt' : `Prompt, given as ${ids} token ids`),
        element('dd', {}, ...clipped(prompt)),
        element('dt', {}, 'Bundle'),
        element('dd', {}, nameText(folderText(run) ?? 'its folder is not in this file', 400)),
    );
}

/** A text whose rest is shown at the press of a button. */
function clipped(text: string): HTMLElement[] {
    const characters = [...text];
    if (characters.length <= SHOWN) {
        return [element('bdi', {}, text === '' ? '(empty)' : linesText(text))];
    }
    const start = `${linesText(characters.slice(0, SHOWN).join(''))}…`;
    const shown = element('bdi', {}, start);
    const more = `Show all ${characters.length} characters`;
    const control = button(
        more,
        () => {
            const isWhole = control.getAttribute('aria-expanded') === 'true';
            shown.textContent = isWhole ? start : linesText(text);
            control.textContent = isWhole ? more : 'Show the beginning alone';
            control.setAttribute('aria-expanded', String(!isWhole));
        },
        { 'aria-expanded': 'false' },
    );
    return [shown, element('div', {}, control)];
}
