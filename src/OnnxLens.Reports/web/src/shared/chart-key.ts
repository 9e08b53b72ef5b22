import { symbolPath } from './chart';
import { type Child, element, svgElement } from './dom';

/** What is drawn, and what it means. The legend on the page and that of a saved picture are made of the same entries. */
export interface KeyEntry {
    readonly sample: SVGSVGElement;
    readonly text: string;
}

/** A line: its colour, the number of its symbol where it has one, and its dashes. */
export interface KeyLine {
    readonly colour: string;
    readonly symbol?: number;
    readonly dashes?: string | undefined;
    readonly width?: number;
    readonly opacity?: number;
    /** The colour within the symbol where it is hollow. */
    readonly hollow?: string | undefined;
}

const [WIDTH, HEIGHT] = [28, 12];

/** The legend of a chart on the page. */
export const chartKey = (entries: readonly KeyEntry[]): HTMLElement =>
    element(
        'ul',
        { class: 'chart-key' },
        ...entries.map(({ sample, text }) => element('li', {}, sample, element('span', {}, text))),
    );

/** A line with its symbol. */
export const lineKey = (text: string, { colour, symbol, dashes, width = 2, opacity = 1, hollow }: KeyLine): KeyEntry =>
    entry(
        text,
        WIDTH,
        svgElement('path', {
            d: 'M-13,0H13',
            fill: 'none',
            stroke: colour,
            'stroke-width': width,
            'stroke-dasharray': dashes,
            opacity,
        }),
        symbol === undefined
            ? null
            : svgElement('path', {
                  d: symbolPath(symbol),
                  fill: hollow ?? colour,
                  stroke: hollow === undefined ? null : colour,
              }),
    );

/** An area between two lines, as faint as it is drawn. */
export const bandKey = (text: string, colour: string, opacity: number): KeyEntry =>
    entry(text, WIDTH, svgElement('rect', { x: -13, y: -5, width: 26, height: 10, fill: colour, opacity }));

/** Error bars, upright or lying. */
export const errorBarKey = (text: string, colour: string, isUpright = true): KeyEntry =>
    entry(
        text,
        isUpright ? 14 : WIDTH,
        svgElement('path', {
            d: isUpright ? 'M-3,-5h6M0,-5V5M-3,5h6' : 'M-11,0H11M-11,-4v8M11,-4v8',
            fill: 'none',
            stroke: colour,
            'stroke-width': 1.5,
        }),
    );

/** A bar of a histogram, or a cell of one colour. */
export const boxKey = (text: string, colour: string, more: { opacity?: number; stroke?: string } = {}): KeyEntry =>
    entry(text, 14, svgElement('rect', { x: -5.5, y: -5.5, width: 11, height: 11, fill: colour, ...more }));

/** A mark alone: the path of its form around 0, 0, and how it is painted. */
export const markKey = (
    text: string,
    d: string,
    paint: { fill: string; stroke?: string; 'stroke-width'?: number },
): KeyEntry => entry(text, 14, svgElement('path', { d, ...paint }));

/** A mark of a colour scale: where it is from 0 to 1, and its text. */
export interface ScaleMark {
    readonly share: number;
    readonly text: string;
}

const [STEPS, STEP, MARGIN] = [60, 4, 30];

/** A colour scale with marks below it. */
export function scaleKey(
    text: string,
    colour: (share: number) => string,
    marks: readonly ScaleMark[],
    line: string,
): KeyEntry {
    const span = STEPS * STEP;
    const box = { x: 0, y: 0.5, width: span, height: 12 };
    const sample = svgElement(
        'svg',
        {
            class: 'chart',
            width: span + 2 * MARGIN,
            height: 28,
            viewBox: `${-MARGIN} 0 ${span + 2 * MARGIN} 28`,
            role: 'img',
            'aria-label': `Colour scale: ${text}: ${marks.map((mark) => mark.text).join(', ')}`,
        },
        ...Array.from({ length: STEPS }, (_, step) =>
            svgElement('rect', { ...box, x: step * STEP, width: STEP + 0.2, fill: colour((step + 0.5) / STEPS) }),
        ),
        svgElement('rect', { ...box, fill: 'none', stroke: line }),
        ...marks.map((mark) => svgElement('text', { x: mark.share * span, y: 25, 'text-anchor': 'middle' }, mark.text)),
    );
    return { sample, text };
}

const entry = (text: string, width: number, ...parts: Child[]): KeyEntry => ({
    text,
    sample: svgElement(
        'svg',
        { width, height: HEIGHT, viewBox: `${-width / 2} ${-HEIGHT / 2} ${width} ${HEIGHT}`, 'aria-hidden': 'true' },
        ...parts,
    ),
});
