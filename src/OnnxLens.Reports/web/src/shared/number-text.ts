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

/** A probability: four decimals, or the power of ten where those would be zeros. */
export function probabilityText(value: number): string {
    if (Number.isNaN(value)) {
        return '–';
    }
    return value > 0 && value < 0.00005 ? value.toExponential(0).replace('-', '−') : value.toFixed(4);
}

/** A quantity rounded to so many decimals, with a true minus sign; a dash where undefined. */
export function roundedText(value: number, decimals = 3): string {
    if (Number.isNaN(value)) {
        return '–';
    }
    if (!Number.isFinite(value)) {
        return value > 0 ? '∞' : '−∞';
    }
    return value
        .toFixed(decimals)
        .replace(/^-(?=0\.?0*$)/, '')
        .replace('-', '−');
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
