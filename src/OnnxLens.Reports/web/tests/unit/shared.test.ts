import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { csvRow } from '../../src/shared/csv';
import { fragmentText, oneOf, readFragment, wholeWithin } from '../../src/shared/fragment';
import { valueText } from '../../src/shared/provenance';
import { readRun } from '../../src/shared/run';

/** The text of a data element with this header and these bytes behind it. */
function elementText(header: object | string, bytes: Uint8Array = new Uint8Array()): string {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const start = (4 + json.length + 7) & ~7;
    const data = new Uint8Array(start + bytes.length);
    new DataView(data.buffer).setUint32(0, json.length, true);
    data.set(json, 4);
    data.set(bytes, start);
    return gzipSync(data).toString('base64');
}

const header = { kind: 'lens', format: 1, arrays: [{ name: 'a', type: 'f32', length: 1 }] };

describe('readRun', () => {
    test('gives arrays as they were', async () => {
        const run = await readRun(elementText(header, new Uint8Array(new Float32Array([1.5]).buffer)));
        expect([...(run.arrays.get('a') ?? [])]).toEqual([1.5]);
    });

    test('keeps large whole numbers exact and leaves texts alone', async () => {
        const text =
            '{"kind":"lens","format":1,"arrays":[],"seed":18446744073709551615,"prompt":"\\":12345678901234567890,"}';
        const run = await readRun(elementText(text));
        expect(run.header['seed']).toBe('18446744073709551615');
        expect(run.header['prompt']).toBe('":12345678901234567890,');
    });

    test.each([
        ['!', 'damaged'],
        ['AAAA', 'damaged'],
        [elementText(header), 'cut off'],
        [elementText({ ...header, format: 9 }), 'the form 9'],
        [elementText('{'), 'damaged'],
        [elementText({ ...header, arrays: [{ name: 'a', type: 'f16', length: 1 }] }), 'unknown form'],
    ])('says what is wrong with %s', async (text, expected) => {
        await expect(readRun(text)).rejects.toThrow(expected);
    });
});

describe('csvRow', () => {
    test('quotes as the tables do', () => {
        expect(csvRow(['a', '', 'say "hi", ok', ' the', 'x ', 'line\nbreak', 'lone\rreturn', "'=1+1"])).toBe(
            'a,,"say ""hi"", ok"," the","x ","line\nbreak","lone\rreturn",\'=1+1\n',
        );
    });
});

describe('fragments', () => {
    test('read back what they were made of', () => {
        const text = fragmentText({ site: 'resid_post', pins: '1,2', none: null, odd: '%&= #' });
        expect(text).toContain('pins=1,2');
        expect(readFragment(`#${text}`)).toEqual(
            new Map([
                ['site', 'resid_post'],
                ['pins', '1,2'],
                ['odd', '%&= #'],
            ]),
        );
    });

    test('of nonsense have nothing that counts', () => {
        const values = readFragment('#%E0%A4%A&=&stride=-1&zoom=1e9');
        expect(wholeWithin(values.get('stride'), 1, 9)).toBeNull();
        expect(wholeWithin(values.get('zoom'), 1, 9)).toBeNull();
        expect(oneOf(values.get('site'), ['a', 'b'])).toBeNull();
    });
});

describe('valueText', () => {
    test('is in words', () => {
        expect(valueText([])).toBe('none');
        expect(valueText(null)).toBe('none');
        expect(valueText(['cpu', 'cuda:1'])).toBe('cpu, cuda:1');
        expect(valueText([-1.5, 1e-7, 0, '-x', true])).toBe('−1.5, 1e−7, 0, -x, true');
        expect(valueText('a b\n\u202e')).toBe('a b\n\\u{202E}');
        expect(valueText(Array.from({ length: 100 }, () => 1))).toContain('… (100 in all)');
    });
});
