/** Numbers as the program prints them in its tables; `-` where undefined. */

const UNDEFINED = '-';

/** From here to 1, a cosine is written as what it lacks. */
const NEAR = 0.9995;

/** As many decimal digits as tell every double from an exact half. */
const EXACT = 60;

/** Three significant digits. */
export const printedNumber = (value: number): string => general(value, 3);

/** A fraction in whole percent. */
export function printedPercent(fraction: number): string {
    if (Number.isNaN(fraction)) {
        return UNDEFINED;
    }
    const percent = 100 * fraction;
    const below = Math.floor(percent);
    return percent - below === 0.5 ? String(below + (below % 2)) : percent.toFixed(0);
}

/** A share in percent, rounded down to one decimal, so that 99.97 is not 100. */
export const printedShare = (share: number): string =>
    Number.isNaN(share) ? UNDEFINED : String(Math.floor(1000 * share) / 10);

/** A cosine in four decimals; near 1, where these would all be alike, as what it lacks: `1-2.7E-07`. */
export function printedCosine(value: number): string {
    if (Number.isNaN(value)) {
        return UNDEFINED;
    }
    if (value === 1 || value < NEAR) {
        return String(halfUp(value, 4));
    }
    const lack = Math.abs(1 - value).toExponential(14);
    const [mantissa = '', exponent = '0'] = lack.split('e');
    const shown = halfUp(Number(mantissa), 1);
    const isCarried = shown >= 10;
    const places = Number(exponent) + Number(isCarried);
    return `1${value < 1 ? '-' : '+'}${(isCarried ? 1 : shown).toFixed(1)}E${places < 0 ? '-' : ''}${twoDigits(places)}`;
}

/** So many significant digits, as .NET's format `G` has them: halves go to the even digit, and a power of ten is written below 0.0001 and from 10 to the digits. */
export function general(value: number, digits: number): string {
    if (!Number.isFinite(value)) {
        return Number.isNaN(value) ? UNDEFINED : value > 0 ? 'Infinity' : '-Infinity';
    }
    if (value === 0) {
        return Object.is(value, -0) ? '-0' : '0';
    }
    const [mantissa = '', power = '0'] = halfEven(value, digits - 1).split('e');
    const exponent = Number(power);
    if (exponent >= digits || exponent < -4) {
        return `${trimmed(mantissa)}E${exponent < 0 ? '-' : '+'}${twoDigits(exponent)}`;
    }
    return trimmed(Number(`${mantissa}e${power}`).toFixed(Math.max(0, digits - 1 - exponent)));
}

/** Exponential notation in which an exact half goes to the even digit. */
function halfEven(value: number, decimals: number): string {
    const [mantissa = '', exponent = '0'] = value.toExponential(EXACT).split('e');
    const cut = mantissa.indexOf('.') + 1 + decimals;
    const isHalf = /^50*$/.test(mantissa.slice(cut));
    const last = mantissa[cut - 1] === '.' ? mantissa[cut - 2] : mantissa[cut - 1];
    return isHalf && Number(last) % 2 === 0 ? `${mantissa.slice(0, cut)}e${exponent}` : value.toExponential(decimals);
}

/** Rounded to decimals in its first 15 digits, halves away from zero, as .NET's custom formats do. */
function halfUp(value: number, decimals: number): number {
    const digits = Number(value.toPrecision(15));
    return Math.sign(digits) * Number(`${Math.round(Number(`${Math.abs(digits)}e${decimals}`))}e-${decimals}`);
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

const twoDigits = (exponent: number): string => String(Math.abs(exponent)).padStart(2, '0');
