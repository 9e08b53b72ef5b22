import { divergingRamp, ramp, type Ramp } from './colour';

/** The colours of drawings, which canvas and saved files need by value. Those of controls are in page.css. */
export interface Palette {
    readonly paper: string;
    readonly ink: string;
    readonly muted: string;
    readonly line: string;
    readonly band: string;
    readonly accent: string;
    /** Little to much. */
    readonly sequential: Ramp;
    /** 0 is most negative, 0.5 is zero, 1 is most positive. */
    readonly diverging: Ramp;
    /** Lines that are told apart; each has a contrast of 3 or more with the paper. */
    readonly lines: readonly string[];
}

const light: Palette = {
    paper: '#ffffff',
    ink: '#1c2128',
    muted: '#59636e',
    line: '#d5dae0',
    band: '#f3f5f7',
    accent: '#0b57d0',
    sequential: ramp(
        { lightness: 0.985, chroma: 0.012, hue: 110 },
        { lightness: 0.675, chroma: 0.12, hue: 185 },
        { lightness: 0.365, chroma: 0.13, hue: 262 },
    ),
    diverging: divergingRamp({ lightness: 0.5, chroma: 0.16, hue: 255 }, 0.975, {
        lightness: 0.5,
        chroma: 0.16,
        hue: 50,
    }),
    lines: ['#0072b2', '#c44e00', '#007a5a', '#a8327f', '#7a6200', '#5b3fa8', '#3a7184', '#4a4a4a'],
};

const dark: Palette = {
    paper: '#15181d',
    ink: '#e3e7ec',
    muted: '#9aa5b1',
    line: '#363d47',
    band: '#1d2229',
    accent: '#8ab4f8',
    sequential: ramp(
        { lightness: 0.26, chroma: 0.03, hue: 265 },
        { lightness: 0.58, chroma: 0.1, hue: 195 },
        { lightness: 0.9, chroma: 0.17, hue: 103 },
    ),
    diverging: divergingRamp({ lightness: 0.76, chroma: 0.14, hue: 250 }, 0.27, {
        lightness: 0.76,
        chroma: 0.14,
        hue: 55,
    }),
    lines: ['#56b4e9', '#ff9d52', '#2fc79b', '#e58cc0', '#e8d04a', '#b0a4f8', '#8fd3e8', '#cccccc'],
};

/** The colours of a theme. */
export const palette = (isDark: boolean): Palette => (isDark ? dark : light);
