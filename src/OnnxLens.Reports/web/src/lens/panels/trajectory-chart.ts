import { scaleLinear } from 'd3-scale';
import { chartFrame, type ChartSize, symbolPath } from '../../shared/chart';
import { type KeyEntry, lineKey } from '../../shared/chart-key';
import { svgElement } from '../../shared/dom';
import { type Palette } from '../../shared/palette';
import { linePath, stroke } from '../../shared/plot-parts';
import { segments, type Trajectory } from '../model/trajectory';
import { type Measure } from '../model/view-state';
import { valueAxis } from './value-axis';

/** The room of a chart: as wide as its place, within bounds. */
export const sizeFor = (width: number): ChartSize => ({
    width: Math.min(900, Math.max(300, width)),
    height: 260,
    left: 58,
    right: 16,
    top: 12,
    bottom: 42,
});

/** A trajectory as it is drawn. */
export interface Line {
    /** The token, or the position. */
    readonly words: string;
    readonly trajectory: Trajectory;
    readonly index: number;
    readonly isSecond: boolean;
}

const DASHES = '5 4';

/** What a chart shows. */
export interface TrajectoryChart {
    readonly title: string;
    readonly measure: Measure;
    /** All layers of the site, first to last. */
    readonly layers: readonly number[];
    readonly lines: readonly Line[];
    readonly palette: Palette;
}

/** Draws trajectories over the layers. */
export function drawTrajectories(chart: TrajectoryChart, size: ChartSize): SVGSVGElement {
    const { layers, lines, measure } = chart;
    const [low = 0, high = 0] = [layers[0], layers.at(-1)];
    const x = scaleLinear([low, high === low ? low + 1 : high], [size.left, size.width - size.right]);
    const values = lines.flatMap(({ trajectory }) => trajectory.points.map((point) => point.value));
    const y = valueAxis(measure, values.filter(Number.isFinite), size);
    const { svg, plot } = chartFrame(
        size,
        `${chart.title}: ${lines.map(lineName).join(', ')}`,
        {
            scale: x,
            label: 'layer',
            ticks: Math.min(Math.round(size.width / 60), layers.length),
            format: (layer) => (Number.isInteger(layer) ? String(layer) : ''),
        },
        y.axis,
    );
    for (const drawn of lines) {
        plot.append(...drawLine(drawn, chart.palette, (layer) => x(layer), y.at));
    }
    return svg;
}

/** The colour of a line. */
const lineColour = (palette: Palette, index: number): string => palette.lines[index % palette.lines.length] ?? '';

/** What a line follows, and its run where it is the second. */
export const lineName = ({ words, isSecond }: Line): string => `${words}${isSecond ? ' (second run)' : ''}`;

/** The entry of a line in the key of a picture. */
export const trajectoryKey = (drawn: Line, palette: Palette): KeyEntry =>
    keyOf(lineName(drawn), lineColour(palette, drawn.index), drawn.index, drawn.isSecond, palette);

/** A piece of a line of the first run. */
export const lineSample = (palette: Palette, index: number): SVGSVGElement =>
    keyOf('', lineColour(palette, index), index, false, palette).sample;

/** What tells the lines of two runs apart. */
export const runSamples = (palette: Palette): readonly KeyEntry[] => [
    keyOf('first run', palette.ink, 0, false, palette),
    keyOf('second run', palette.ink, 0, true, palette),
];

const keyOf = (text: string, colour: string, symbol: number, isSecond: boolean, { paper }: Palette): KeyEntry =>
    lineKey(text, { colour, symbol, ...(isSecond ? { dashes: DASHES, hollow: paper } : {}) });

function drawLine(
    drawn: Line,
    palette: Palette,
    x: (layer: number) => number,
    y: (value: number) => number,
): SVGElement[] {
    const { points } = drawn.trajectory;
    // Symbols of every layer of a deep model would hide their line.
    const every = Math.ceil(points.length / 40);
    const marked = segments(drawn.trajectory).flatMap((part) =>
        part.filter((point) => point.layer % every === 0 || part.length === 1),
    );
    return [
        lineStroke(linePath(points.map(({ layer, value }) => [x(layer), y(value)])), drawn, palette),
        ...marked.map((point) => mark(x(point.layer), y(point.value), drawn, palette)),
    ];
}

/** Lines of the second run are dashed. */
const lineStroke = (path: string, { index, isSecond }: Line, palette: Palette): SVGElement =>
    stroke(path, lineColour(palette, index), 2, isSecond ? { 'stroke-dasharray': DASHES } : {});

/** Marks of the second run are hollow. */
const mark = (x: number, y: number, { index, isSecond }: Line, palette: Palette): SVGElement =>
    svgElement('path', {
        d: symbolPath(index),
        transform: `translate(${x},${y})`,
        fill: isSecond ? palette.paper : lineColour(palette, index),
        stroke: lineColour(palette, index),
    });
