import { axisBottom, axisLeft, type AxisDomain, type AxisScale } from 'd3-axis';
import { select } from 'd3-selection';
import {
    symbol,
    symbolCircle,
    symbolCross,
    symbolDiamond,
    symbolSquare,
    symbolStar,
    symbolTriangle,
    symbolWye,
} from 'd3-shape';
import { svgElement } from './dom';

/** The room of a chart, in CSS pixels. */
export interface ChartSize {
    readonly width: number;
    readonly height: number;
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
}

/** An axis: its scale, its name and unit, and where it has marks. */
export interface ChartAxis<T extends AxisDomain> {
    readonly scale: AxisScale<T>;
    readonly label: string;
    readonly values?: readonly T[];
    readonly ticks?: number;
    readonly format?: (value: T) => string;
}

/** Symbols that tell lines apart without colour, in the order of the palette's lines. */
const SYMBOLS = [
    symbolCircle,
    symbolSquare,
    symbolDiamond,
    symbolTriangle,
    symbolCross,
    symbolStar,
    symbolWye,
    symbolCircle,
];

/** An SVG with two named axes and the lines of their marks; drawings go into `plot`, which lies above them. */
export function chartFrame<X extends AxisDomain, Y extends AxisDomain>(
    size: ChartSize,
    title: string,
    x: ChartAxis<X>,
    y: ChartAxis<Y>,
): { svg: SVGSVGElement; plot: SVGGElement } {
    const { width, height, left, right, top, bottom } = size;
    const plot = svgElement('g', { class: 'plot' });
    const horizontal = svgElement('g', { class: 'axis', transform: `translate(0,${height - bottom})` });
    const vertical = svgElement('g', { class: 'axis', transform: `translate(${left},0)` });
    drawAxis(horizontal, x, axisBottom(x.scale), -(height - top - bottom));
    drawAxis(vertical, y, axisLeft(y.scale), -(width - left - right));
    const middle = (top + height - bottom) / 2;
    const svg = svgElement(
        'svg',
        { class: 'chart', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': title },
        svgElement('title', {}, title),
        horizontal,
        vertical,
        svgElement(
            'text',
            { class: 'axis-label', x: (left + width - right) / 2, y: height - bottom + 35, 'text-anchor': 'middle' },
            x.label,
        ),
        svgElement(
            'text',
            {
                class: 'axis-label',
                x: 0,
                y: 0,
                transform: `translate(12,${middle}) rotate(-90)`,
                'text-anchor': 'middle',
            },
            y.label,
        ),
        plot,
    );
    return { svg, plot };
}

/** The path of the symbol of a line, around 0, 0. */
export const symbolPath = (line: number, area = 28): string =>
    symbol(SYMBOLS[line % SYMBOLS.length] ?? symbolCircle, area)() ?? '';

function drawAxis<T extends AxisDomain>(
    group: SVGGElement,
    { values, ticks, format }: ChartAxis<T>,
    axis: ReturnType<typeof axisBottom<T>>,
    inner: number,
): void {
    if (values !== undefined) {
        axis.tickValues(values);
    }
    if (ticks !== undefined) {
        axis.ticks(ticks);
    }
    if (format !== undefined) {
        axis.tickFormat(format);
    }
    select(group).call(axis.tickSizeInner(inner).tickSizeOuter(0).tickPadding(6));
}
