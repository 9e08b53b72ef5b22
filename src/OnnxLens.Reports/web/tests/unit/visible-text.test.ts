import { describe, expect, test } from 'vitest';
import { tokenForm, visibleStart, visibleText } from '../../src/shared/visible-text';

describe('visibleText', () => {
    // The examples of RenderingTests.Visible_Text_ShowsSpacesAndSpellsOutControls.
    test.each([
        [' a b', '·a·b'],
        ['a\n\t\r', 'a⏎⇥\\x0D'],
        ['\u001b[31mred', '\\x1B[31mred'],
        ['\u009b\u007f', '\\x9B\\x7F'],
        ['a\u202eb\u00a0\u200b', 'a\\u{202E}b\\xA0\\u{200B}'],
        ['\u0301', '◌\u0301'],
        ['世界', '世界'],
        ['a\uFFFE\uFFFF', 'a\\u{FFFE}\\u{FFFF}'],
        ['\u{1FFFE}', '\\u{1FFFE}'],
        ['\uE000', '\uE000'],
    ])('%j is %j', (text, expected) => {
        expect(visibleText(text)).toBe(expected);
    });

    test.each([
        ['\u2028\u2029', '\\u{2028}\\u{2029}'],
        ['\u0085\u3000', '\\x85\\u{3000}'],
        ['\u{E0041}', '\\u{E0041}'],
        ['👩\u200d🚀', '👩\\u{200D}🚀'],
        ['e\u0301', 'e\u0301'],
        ['', ''],
    ])('%j is %j as well', (text, expected) => {
        expect(visibleText(text)).toBe(expected);
    });
});

describe('visibleStart', () => {
    test('keeps what fits', () => {
        expect(visibleStart(' the', 4)).toBe('·the');
    });

    test('cuts long texts by whole characters and says so', () => {
        expect(visibleStart('x'.repeat(10_000), 5)).toBe('xxxxx…');
        expect(visibleStart('😀😀😀😀', 2)).toBe('😀…');
        expect(visibleStart('\u202e\u202e', 5)).toBe('\\u{20…');
    });
});

describe('tokenForm', () => {
    test.each([
        ['<0xE2><0x96>', 'bytes'],
        ['<0xG1>', 'text'],
        ['<id 151800>', 'missing'],
        ['<|eot_id|>', 'special'],
        ['</s>', 'special'],
        ['<unk>', 'special'],
        ['[MASK]', 'special'],
        [' the', 'text'],
        ['<', 'text'],
        ['</script>', 'text'],
        ['<div>', 'text'],
        ['<start_of_turn>', 'special'],
        ['<｜end▁of▁sentence｜>', 'special'],
    ])('%j is %s', (text, expected) => {
        expect(tokenForm(text)).toBe(expected);
    });
});
