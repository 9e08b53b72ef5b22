import { describe, expect, test } from 'vitest';
import {
    cosineText,
    doubleText,
    indexText,
    numberText,
    percentText,
    probabilityText,
    roundedText,
    shareText,
    signedText,
    singleText,
} from '../../src/shared/number-text';

/** A float32 from its bits. */
const single = (bits: number): number => new Float32Array(new Int32Array([bits]).buffer)[0] as number;

describe('singleText', () => {
    // As float.ToString("R", InvariantCulture) gives them.
    test.each([
        [260046848, '1.2621775E-29'],
        [964689920, '0.00024414062'],
        [1233375642, '1079859.2'],
        [-960659808, '-24255.312'],
        [1220601620, '395064.62'],
        [1, '1E-45'],
        [1048576, '1.469368E-39'],
        [150994944, '1.540744E-33'],
        [318767104, '1.6155871E-27'],
        [486539264, '1.6940659E-21'],
        [654311424, '1.7763568E-15'],
        [822083584, '1.8626451E-09'],
        [989855744, '0.001953125'],
        [1157627904, '2048'],
        [1325400064, '2.1474836E+09'],
        [1493172224, '2.2517998E+15'],
        [1660944384, '2.3611832E+21'],
        [1828716544, '2.4758801E+27'],
        [1996488704, '2.5961484E+33'],
        [0, '0'],
        [-2147483648, '-0'],
        [953267991, '0.0001'],
        [925353388, '1E-05'],
        [1206984704, '123456'],
        [1234613304, '1234567'],
        [1262248270, '12345678'],
        [1290500515, '123456790'],
        [1232348160, '1000000'],
        [1259902592, '10000000'],
        [1287568416, '100000000'],
        [1266679808, '16777216'],
        [2139095040, 'Infinity'],
        [-8388608, '-Infinity'],
        [2139095039, '3.4028235E+38'],
        [1, '1E-45'],
        [1036831949, '0.1'],
        [1069547520, '1.5'],
        [1120403456, '100'],
        [-1027080192, '-100'],
        [2051014656, '2.4923025E+35'],
        [367374414, '9.2770523E-26'],
        [1210992274, '178458.28'],
        [-665279832, '-9.5277246E+14'],
        [308289152, '7.071953E-28'],
        [-1307112668, '-8.79189E-09'],
        [-1113897883, '-0.075814046'],
        [-1107315760, '-0.124854684'],
        [-1148372750, '-0.004309767'],
        [-1209770040, '-2.722432E-05'],
    ])('of the bits %i is %s', (bits, expected) => {
        expect(singleText(single(bits))).toBe(expected);
    });

    test('is empty where undefined', () => {
        expect(singleText(NaN)).toBe('');
    });
});

describe('doubleText', () => {
    test.each([
        [0, '0'],
        [-0, '-0'],
        [0.1, '0.1'],
        [1e-4, '0.0001'],
        [1e-5, '1E-05'],
        [1e14, '100000000000000'],
        [1e16, '10000000000000000'],
        [1e17, '1E+17'],
        [1234567890123456, '1234567890123456'],
        [Infinity, 'Infinity'],
    ])('of %d is %s', (value, expected) => {
        expect(doubleText(value)).toBe(expected);
    });
});

describe('numberText', () => {
    test.each([
        [1.225, '1.23'],
        [0.0625, '0.0625'],
        [1.5, '1.5'],
        [1.125, '1.12'],
        [9.995, '9.99'],
        [-0.013, '−0.013'],
        [999.6, '1000'],
        [1234.4, '1234'],
        [2512.7, '2513'],
        [123456.7, '123457'],
        [999999.6, '1e6'],
        [2.51e6, '2.51e6'],
        [-123456789, '−1.23e8'],
        [0.00012345, '0.000123'],
        [0.000099996, '0.0001'],
        [1.12e-6, '1.12e−6'],
        [-1.1e-6, '−1.1e−6'],
        [1e-5, '1e−5'],
        [100, '100'],
        [0, '0'],
        [-0, '0'],
        [NaN, '–'],
        [Infinity, '∞'],
        [-Infinity, '−∞'],
    ])('%d is %s', (value, text) => {
        expect(numberText(value)).toBe(text);
    });

    test('has as many digits as are asked for', () => {
        expect(numberText(2.0634999, 4)).toBe('2.063');
        expect(numberText(1000.5, 6)).toBe('1000.5');
        expect(numberText(1.16e-6, 2)).toBe('1.2e−6');
    });
});

test.each([
    [0.625, '62'],
    [0.005, '0'],
    [0.015, '2'],
    [0.614, '61'],
    [1, '100'],
    [NaN, '–'],
])('percentText(%d)', (fraction, text) => {
    expect(percentText(fraction)).toBe(text);
});

test.each([
    [0.9231, '92.3'],
    [0.99999, '99.9'],
    [1, '100'],
    [NaN, '–'],
])('shareText(%d)', (share, text) => {
    expect(shareText(share)).toBe(text);
});

test.each([
    [0.5, '0.5'],
    [0.03125, '0.0313'],
    [-0.5, '−0.5'],
    [1, '1'],
    [-1, '−1'],
    [1 - 2 ** -22, '1 − 2.4e−7'],
    [0.9996, '1 − 0.0004'],
    [NaN, '–'],
])('cosineText(%d)', (value, text) => {
    expect(cosineText(value)).toBe(text);
});

describe('rounded numbers', () => {
    test('have true minus signs, and no sign where they round to zero', () => {
        expect(roundedText(-1.23456)).toBe('−1.235');
        expect(roundedText(-0.00001)).toBe('0.000');
        expect(roundedText(NaN)).toBe('–');
        expect(roundedText(-Infinity)).toBe('−∞');
        expect(signedText(0.5, 2)).toBe('+0.50');
        expect(signedText(-0.5, 2)).toBe('−0.50');
        expect(signedText(0.001, 2)).toBe('0.00');
    });

    test('of probabilities keep small ones apart from zero', () => {
        expect(probabilityText(0.25)).toBe('0.2500');
        expect(probabilityText(0.00002)).toBe('2e−5');
        expect(probabilityText(0)).toBe('0.0000');
    });

    test('of indices are empty where negative', () => {
        expect(indexText(-1)).toBe('');
        expect(indexText(0)).toBe('0');
    });
});
