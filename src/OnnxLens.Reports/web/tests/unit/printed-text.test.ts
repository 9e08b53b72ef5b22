import { describe, expect, test } from 'vitest';
import { general, printedCosine, printedNumber, printedPercent, printedShare } from '../../src/shared/printed-text';

describe('printedNumber', () => {
    test.each([
        [1.225, '1.23'],
        [0.0625, '0.0625'],
        [1.125, '1.12'],
        [1.5, '1.5'],
        [2.125, '2.12'],
        [1234.5, '1.23E+03'],
        [0.00012345, '0.000123'],
        [999.6, '1E+03'],
        [9.995, '9.99'],
        [1e-5, '1E-05'],
        [-1.23456e-7, '-1.23E-07'],
        [99950, '1E+05'],
        [100, '100'],
        [0, '0'],
        [-0, '-0'],
        [0.000099995, '0.0001'],
        [NaN, '-'],
        [Infinity, 'Infinity'],
    ])('%d is what the program prints', (value, text) => {
        expect(printedNumber(value)).toBe(text);
    });

    test('has as many digits as are asked for', () => {
        expect(general(2.0634999, 4)).toBe('2.063');
    });
});

test.each([
    [0.625, '62'],
    [0.005, '0'],
    [0.015, '2'],
    [0.614, '61'],
    [1, '100'],
    [NaN, '-'],
])('printedPercent(%d)', (fraction, text) => {
    expect(printedPercent(fraction)).toBe(text);
});

test.each([
    [0.9231, '92.3'],
    [0.99999, '99.9'],
    [1, '100'],
    [NaN, '-'],
])('printedShare(%d)', (share, text) => {
    expect(printedShare(share)).toBe(text);
});

test.each([
    [0.5, '0.5'],
    [0.03125, '0.0313'],
    [0.12345, '0.1235'],
    [-0.5, '-0.5'],
    [1, '1'],
    [-1, '-1'],
    [1 - 2 ** -22, '1-2.4E-07'],
    [0.9996, '1-4.0E-04'],
    [NaN, '-'],
])('printedCosine(%d)', (value, text) => {
    expect(printedCosine(value)).toBe(text);
});
