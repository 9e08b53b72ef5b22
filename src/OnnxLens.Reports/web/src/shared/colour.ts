/** Colour scales that are even to the eye: straight in the lightness of OKLab, so that they hold for every kind of colour vision and in grey. */

/** Red, green and blue, 0 … 1, gamma-encoded. */
type Rgb = readonly [number, number, number];

/** A colour in OKLCH: lightness 0 … 1, chroma, hue in degrees. */
export interface Lch {
    readonly lightness: number;
    readonly chroma: number;
    readonly hue: number;
}

/** A colour for a number from 0 to 1; numbers beyond are clamped. */
export type Ramp = (share: number) => string;

const STEPS = 256;

/** A scale along straight lines between stops in lightness, chroma and hue. */
export function ramp(...stops: readonly Lch[]): Ramp {
    const colours = Array.from({ length: STEPS }, (_, step) => lchColour(between(stops, step / (STEPS - 1))));
    return (share) => colours[Math.round(Math.min(1, Math.max(0, share)) * (STEPS - 1))] ?? '';
}

/** A scale of two halves that meet in one grey: 0 is most negative, 0.5 is zero, 1 is most positive. */
export function divergingRamp(negative: Lch, zero: number, positive: Lch): Ramp {
    const grey = (hue: number): Lch => ({ lightness: zero, chroma: 0, hue });
    const below = ramp(negative, grey(negative.hue));
    const above = ramp(grey(positive.hue), positive);
    return (share) => (share < 0.5 ? below(share * 2) : above(share * 2 - 1));
}

/** The hex form of a colour, with as much of its chroma as a screen can show. */
export function lchColour({ lightness, chroma, hue }: Lch): string {
    let kept = chroma;
    let rgb = lchToRgb(lightness, kept, hue);
    while (kept > 0.001 && rgb.some((channel) => channel < -0.0005 || channel > 1.0005)) {
        kept *= 0.96;
        rgb = lchToRgb(lightness, kept, hue);
    }
    return `#${rgb.map((channel) => hexByte(channel)).join('')}`;
}

/** Black or white, whichever is read better on a colour: the contrast is at least 4.5. */
export function readableOn(colour: string): string {
    const luminance = relativeLuminance(colour);
    return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}

/** The contrast of two colours by WCAG 2, 1 … 21. */
export function contrast(a: string, b: string): number {
    const [dark = 0, light = 0] = [relativeLuminance(a), relativeLuminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
}

/** The lightness of a colour in OKLab, 0 … 1. */
export function lightnessOf(colour: string): number {
    const [r, g, b] = rgbOf(colour).map(linear) as unknown as Rgb;
    const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
    return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
}

function between(stops: readonly Lch[], share: number): Lch {
    const place = share * (stops.length - 1);
    const index = Math.min(stops.length - 2, Math.floor(place));
    const [from, to] = [stops[index] as Lch, stops[index + 1] as Lch];
    const mix = (a: number, b: number): number => a + (b - a) * (place - index);
    return {
        lightness: mix(from.lightness, to.lightness),
        chroma: mix(from.chroma, to.chroma),
        hue: mix(from.hue, to.hue),
    };
}

/** Björn Ottosson, "A perceptual color space for image processing", 2020. */
function lchToRgb(lightness: number, chroma: number, hue: number): Rgb {
    const a = chroma * Math.cos((hue * Math.PI) / 180);
    const b = chroma * Math.sin((hue * Math.PI) / 180);
    const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
    return [
        encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
        encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
        encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
    ];
}

const encoded = (channel: number): number =>
    channel <= 0.0031308 ? 12.92 * channel : 1.055 * channel ** (1 / 2.4) - 0.055;

const linear = (channel: number): number => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);

const rgbOf = (colour: string): Rgb =>
    [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255) as unknown as Rgb;

const hexByte = (channel: number): string =>
    Math.round(Math.min(1, Math.max(0, channel)) * 255)
        .toString(16)
        .padStart(2, '0');

function relativeLuminance(colour: string): number {
    const [r, g, b] = rgbOf(colour).map(linear) as unknown as Rgb;
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
