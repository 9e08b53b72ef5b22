import { visibleStart } from './visible-text';

/** Longer names are cut for the eye; saved tables have them whole. */
const NAME = 60;
const SENTENCE = 600;

/** A name on one line: spaces stay spaces, what acts on text is spelled, and what is too long is cut. */
export function nameText(name: string, length = NAME): string {
    const text = visibleStart(name, length);
    // What is blank alone is shown as what it is, for it may be all that a button says.
    return /[^·]/u.test(text) ? text.replaceAll('·', ' ') : text === '' ? '(no name)' : text;
}

/** A sentence that holds names, in the same form. */
export const sentenceText = (sentence: string): string => visibleStart(sentence, SENTENCE).replaceAll('·', ' ');
