/** Texts of a model in a form that can be seen and that acts on nothing. */

/** How a token is made, as far as its text tells. */
export type TokenForm = 'text' | 'special' | 'bytes' | 'missing';

/**
 * One line in which every space is seen: `·` is a space, `⏎` a line feed, `⇥` a tab; control, format and other blank characters,
 * and code points that are no characters, are spelled as `\x1B` or `\u{202E}`. The rules are those of the program's tables.
 */
export function visibleText(text: string): string {
    let visible = '';
    for (const character of text) {
        if (visible === '' && /^[\p{Mn}\p{Me}]/u.test(character)) {
            visible = '◌';
        }
        visible += visibleCharacter(character);
    }
    return visible;
}

/** The beginning of a text's visible form, of at most so many characters, with `…` where it is cut. */
export function visibleStart(text: string, length: number): string {
    const start = visibleText(wellCut(text, length + 1));
    const characters = [...start];
    return characters.length > length || text.length > length + 1 ? characters.slice(0, length).join('') + '…' : start;
}

/** The usual spellings of control tokens: `<|eot_id|>`, `</s>`, `<start_of_turn>`, `[MASK]`. */
const SPECIAL =
    /^(<[|｜][^<>|｜]{1,60}[|｜]>|<\/?(s|unk|pad|mask|bos|eos|cls|sep|(start|end)_of_\w+|extra_id_\d+|unused\d+)>|\[(CLS|SEP|PAD|MASK|UNK|INST|\/INST)\])$/i;

/** What a token's text says that it is: control tokens, bytes that are no whole character, ids without a token; all else is text. */
export function tokenForm(text: string): TokenForm {
    if (/^(<0x[0-9A-F]{2}>)+$/.test(text)) {
        return 'bytes';
    }
    if (/^<id \d+>$/.test(text)) {
        return 'missing';
    }
    return SPECIAL.test(text) ? 'special' : 'text';
}

function visibleCharacter(character: string): string {
    switch (character) {
        case ' ':
            return '·';
        case '\n':
            return '⏎';
        case '\t':
            return '⇥';
        default:
            return /[\p{Cc}\p{Cf}\p{Z}\p{Cs}\p{Cn}]/u.test(character) ? spelled(character) : character;
    }
}

function spelled(character: string): string {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16).toUpperCase();
    return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
}

/** The first UTF-16 units of a text without half of a character at the end. */
function wellCut(text: string, length: number): string {
    const cut = text.slice(0, length);
    return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
