import { scaleLinear } from 'd3-scale';
import { chartFrame, type ChartSize, symbolPath } from '../../shared/chart';
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

const KEY_LINE = 18;

/** What a chart shows. */
export interface TrajectoryChart {
    readonly title: string;
    readonly measure: Measure;
    /** All layers of the site, first to last. */
    readonly layers: readonly number[];
    readonly lines: readonly Line[];
    readonly palette: Palette;
}

/** Draws trajectories over the layers; with a key of the lines below, as a file needs one. */
export function drawTrajectories(chart: TrajectoryChart, room: ChartSize, withKey: boolean): SVGSVGElement {
    const { layers, lines, measure } = chart;
    const size = withKey
        ? { ...room, height: room.height + lines.length * KEY_LINE, bottom: room.bottom + lines.length * KEY_LINE }
        : room;
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
    if (withKey) {
        plot.append(...lines.flatMap((drawn, index) => keyLine(drawn, chart.palette, size, index)));
    }
    return svg;
}

/** The colour of a line. */
export const lineColour = (palette: Palette, index: number): string =>
    palette.lines[index % palette.lines.length] ?? '';

/** What a line follows, and its run where it is the second. */
export const lineName = ({ words, isSecond }: Line): string => `${words}${isSecond ? ' (second run)' : ''}`;

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

function keyLine(drawn: Line, palette: Palette, size: ChartSize, row: number): SVGElement[] {
    const y = size.height - size.bottom + 48 + row * KEY_LINE;
    return [
        lineStroke(`M${size.left},${y}h28`, drawn, palette),
        mark(size.left + 14, y, drawn, palette),
        svgElement('text', { class: 'axis-label', x: size.left + 36, y: y + 4 }, lineName(drawn)),
    ];
}

/** Lines of the second run are dashed. */
const lineStroke = (path: string, { index, isSecond }: Line, palette: Palette): SVGElement =>
    stroke(path, lineColour(palette, index), 2, isSecond ? { 'stroke-dasharray': '5 4' } : {});

/** Marks of the second run are hollow. */
const mark = (x: number, y: number, { index, isSecond }: Line, palette: Palette): SVGElement =>
    svgElement('path', {
        d: symbolPath(index),
        transform: `translate(${x},${y})`,
        fill: isSecond ? palette.paper : lineColour(palette, index),
        stroke: lineColour(palette, index),
    });
