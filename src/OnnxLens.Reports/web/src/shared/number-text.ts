/** Numbers as text: exactly, as the tables have them, and rounded, for the eye. */

/** The digits of a float32 with which it reads back, as few as there can be, in the form of the tables; empty where undefined. */
export function singleText(value: number): string {
    return Number.isNaN(value) ? '' : formText(value, shortestDigits(value), 9);
}

/** The same of a float64. */
export function doubleText(value: number): string {
    return Number.isNaN(value) ? '' : formText(value, value.toExponential(), 17);
}

/** A whole number; empty where it is negative, which is undefined. */
export const indexText = (value: number): string => (value < 0 ? '' : String(value));

/** What stands where a number is undefined. */
const UNDEFINED = '–';

/** From here on, numbers are written with a power of ten. */
const LARGE = 1e6;

/** Below this, too. */
const SMALL = 1e-4;

/** From here to 1, a cosine is written as what it lacks. */
const NEAR = 0.9995;

/** A number of JavaScript's own notation in that of the pages: a true minus sign, `1.1e−6`, `2e7`. */
export const typeset = (text: string): string => text.replace('e+', 'e').replaceAll('-', '−');

/**
 * A number for the eye, in the one form that all pages have: so many significant digits at least, thousands whole and without
 * separators, `1.12e−6` below 0.0001 and from a million on; a dash where undefined.
 */
export function numberText(value: number, digits = 3): string {
    const size = Math.abs(value);
    if (!Number.isFinite(size)) {
        return Number.isNaN(value) ? UNDEFINED : value > 0 ? '∞' : '−∞';
    }
    const rounded = Number(halfEven(size, digits - 1));
    const isPower = rounded >= LARGE || (rounded < SMALL && rounded > 0);
    const plain = size >= 10 ** digits ? Math.round(size) : rounded;
    const text = isPower || plain >= LARGE ? powerText(size, digits) : String(plain);
    return value < 0 && text !== '0' ? `−${text}` : text;
}

/** A number with a power of ten, without zeros behind its last digit. */
const powerText = (value: number, digits: number): string =>
    typeset(Number(halfEven(value, digits - 1)).toExponential());

/** As many decimal digits as tell every double from an exact half. */
const EXACT = 60;

/** Exponential notation in which an exact half goes to the even digit, as the program's own tables round. */
function halfEven(value: number, decimals: number): string {
    const [mantissa = '', power = '0'] = value.toExponential(EXACT).split('e');
    const cut = mantissa.indexOf('.') + 1 + decimals;
    const isHalf = /^50*$/.test(mantissa.slice(cut));
    const last = mantissa[cut - 1] === '.' ? mantissa[cut - 2] : mantissa[cut - 1];
    return isHalf && Number(last) % 2 === 0 ? `${mantissa.slice(0, cut)}e${power}` : value.toExponential(decimals);
}

/** A probability: four decimals, or the power of ten where those would be zeros. */
export function probabilityText(value: number): string {
    if (Number.isNaN(value)) {
        return UNDEFINED;
    }
    return value > 0 && value < 0.00005 ? powerText(value, 1) : value.toFixed(4);
}

/** A fraction in whole percent, without the sign. */
export function percentText(fraction: number): string {
    if (Number.isNaN(fraction)) {
        return UNDEFINED;
    }
    const percent = 100 * fraction;
    const below = Math.floor(percent);
    return percent - below === 0.5 ? String(below + (below % 2)) : percent.toFixed(0);
}

/** A share in percent, rounded down to one decimal, so that 99.97 is not 100. */
export const shareText = (share: number): string =>
    Number.isNaN(share) ? UNDEFINED : String(Math.floor(1000 * share) / 10);

/** A cosine in four decimals; near 1, where these would all be alike, as what it lacks: `1 − 2.7e−7`. */
export function cosineText(value: number): string {
    if (Number.isNaN(value)) {
        return UNDEFINED;
    }
    if (value === 1 || value < NEAR) {
        return numberText(Number(value.toFixed(4)), 4);
    }
    return `1 ${value < 1 ? '−' : '+'} ${numberText(Math.abs(1 - value), 2)}`;
}

/** A quantity rounded to so many decimals, with a true minus sign; a dash where undefined. */
export function roundedText(value: number, decimals = 3): string {
    if (!Number.isFinite(value)) {
        return numberText(value);
    }
    return typeset(value.toFixed(decimals).replace(/^-(?=0\.?0*$)/, ''));
}

/** The same with its sign, for differences. */
export function signedText(value: number, decimals = 3): string {
    const text = roundedText(value, decimals);
    return /^[0-9]/.test(text) && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Exponential notation of a float32 with the fewest digits that read back, and of those the nearest; of two as near the even one. */
function shortestDigits(value: number): string {
    if (!Number.isFinite(value) || value === 0) {
        return value.toExponential();
    }
    const reads = (text: string): boolean => Math.fround(Number(text)) === value;
    let shortest = value.toExponential(8);
    for (let decimals = 7; decimals >= 0; decimals--) {
        const nearest = nearestEven(value, decimals);
        // Below a power of two floats lie closer than above: the next decimal above may read back where the nearest does not.
        const text = reads(nearest) || !isPowerOfTwo(value) ? nearest : away(nearest, decimals);
        if (!reads(text)) {
            break;
        }
        shortest = text;
    }
    return shortest;
}

/** `toExponential` takes the larger of two that are as near; .NET takes the even one. */
function nearestEven(value: number, decimals: number): string {
    const longer = value.toExponential(decimals + 1);
    const [mantissa = '', power = ''] = longer.split('e');
    const isTie = mantissa.endsWith('5') && Number(longer) === value && /[02468]\.?5$/.test(mantissa);
    return isTie ? `${mantissa.slice(0, -1)}e${power}` : value.toExponential(decimals);
}

/** The next decimal of as many places, away from zero. */
function away(text: string, decimals: number): string {
    const [mantissa = '', power = ''] = text.split('e');
    const next = Math.abs(Number(mantissa)) + 10 ** -decimals;
    return `${mantissa.startsWith('-') ? '-' : ''}${next.toFixed(decimals)}e${power}`;
}

const isPowerOfTwo = (value: number): boolean =>
    ((new Uint32Array(new Float32Array([value]).buffer)[0] as number) & 0x7fffff) === 0;

/** As .NET writes a number: powers of ten from 1E-05 down, and where there are more places than digits are kept. */
function formText(value: number, exponential: string, precision: number): string {
    if (!Number.isFinite(value)) {
        return value > 0 ? 'Infinity' : '-Infinity';
    }
    const sign = value < 0 || Object.is(value, -0) ? '-' : '';
    const [mantissa = '0', power = '0'] = exponential.replace('-', value < 0 ? '' : '-').split('e');
    const digits = mantissa.replace('.', '').replace(/0+$/, '') || '0';
    const exponent = Number(power);
    if (exponent < -5 + 1 || exponent + 1 > Math.max(precision, digits.length)) {
        const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
        const places = String(Math.abs(exponent)).padStart(2, '0');
        return `${sign}${digits[0] ?? ''}${fraction}E${exponent < 0 ? '-' : '+'}${places}`;
    }
    if (exponent < 0) {
        return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
    }
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
    const rest = digits.slice(exponent + 1);
    return sign + whole + (rest === '' ? '' : `.${rest}`);
}
