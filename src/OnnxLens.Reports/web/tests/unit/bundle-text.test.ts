import { expect, test } from 'vitest';
import { bundleText } from '../../src/shared/bundle-text';

const bundle = { bundle_hash: '0123456789abcdef', precision: 'fp16' };

test('bundleText has the beginning of the hash, the arithmetic and each form of weights once', () => {
    expect(bundleText(bundle)).toBe('bundle 01234567, fp16');
    expect(bundleText({ ...bundle, quantization: [] })).toBe('bundle 01234567, fp16');
    expect(bundleText({ ...bundle, quantization: [{ bits: 4 }, { bits: 8 }, { bits: 4 }] })).toBe(
        'bundle 01234567, fp16 over int4 and int8',
    );
});
