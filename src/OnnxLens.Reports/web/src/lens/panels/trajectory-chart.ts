import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { chartFrame, type ChartSize, symbolPath } from '../../shared/chart';
import { svgElement } from '../../shared/dom';
import { numberText } from '../../shared/number-text';
import { type Palette } from '../../shared/palette';
import { segments, type Trajectory, type TrajectoryPoint } from '../model/trajectory';
import { type Measure } from '../model/view-state';

export const MEASURE_NAMES: Record<Measure, string> = {
    probability: 'probability',
    logprob: 'log-probability, nats',
    rank: 'rank (0 is the top)',
};

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
    /** The token. */
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
    const y = valueScale(measure, lines, size);
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

/** A line's token, and its run where it is the second. */
export const lineName = ({ words, isSecond }: Line): string => `${words}${isSecond ? ' (second run)' : ''}`;

function drawLine(
    { trajectory, index, isSecond }: Line,
    palette: Palette,
    x: (layer: number) => number,
    y: (value: number) => number,
): SVGElement[] {
    const path = line<TrajectoryPoint>(
        (point) => x(point.layer),
        (point) => y(point.value),
    );
    const parts = segments(trajectory);
    // Symbols of every layer of a deep model would hide their line.
    const every = Math.ceil(trajectory.points.length / 40);
    return parts.flatMap((part) => [
        stroke(path(part) ?? '', palette, index, isSecond),
        ...part
            .filter((point) => point.layer % every === 0 || part.length === 1)
            .map((point) => mark(x(point.layer), y(point.value), palette, index, isSecond)),
    ]);
}

function keyLine(drawn: Line, palette: Palette, size: ChartSize, row: number): SVGElement[] {
    const y = size.height - size.bottom + 48 + row * KEY_LINE;
    const { index, isSecond } = drawn;
    return [
        stroke(`M${size.left},${y}h28`, palette, index, isSecond),
        mark(size.left + 14, y, palette, index, isSecond),
        svgElement('text', { class: 'axis-label', x: size.left + 36, y: y + 4 }, lineName(drawn)),
    ];
}

const stroke = (path: string, palette: Palette, index: number, dashed: boolean): SVGElement =>
    svgElement('path', {
        d: path,
        fill: 'none',
        stroke: lineColour(palette, index),
        'stroke-width': 2,
        'stroke-dasharray': dashed ? '5 4' : null,
    });

const mark = (x: number, y: number, palette: Palette, index: number, hollow: boolean): SVGElement =>
    svgElement('path', {
        d: symbolPath(index),
        transform: `translate(${x},${y})`,
        fill: hollow ? palette.paper : lineColour(palette, index),
        stroke: lineColour(palette, index),
    });

function valueScale(measure: Measure, lines: readonly Line[], size: ChartSize) {
    const range: [number, number] = [size.height - size.bottom, size.top];
    const values = lines
        .flatMap(({ trajectory }) => trajectory.points.map((point) => point.value))
        .filter(Number.isFinite);
    const label = MEASURE_NAMES[measure];
    if (measure === 'rank') {
        const scale = scaleLog([10 ** Math.max(1, Math.ceil(Math.log10(1 + Math.max(0, ...values)))), 1], range);
        const powers = Array.from(
            { length: Math.round(Math.log10(scale.domain()[0] ?? 10)) },
            (_, power) => 10 ** (power + 1),
        );
        const ticks = [1, ...powers.map((rank) => rank + 1)].filter((rank) => rank <= (scale.domain()[0] ?? 10));
        return {
            at: (rank: number) => scale(rank + 1),
            axis: { scale, label, values: ticks, format: (rank: number) => numberText(rank - 1) },
        };
    }
    const least = measure === 'probability' ? 0 : Math.min(-1, ...values);
    const scale = scaleLinear([least, measure === 'probability' ? 1 : 0], range).nice();
    return { at: (value: number) => scale(value), axis: { scale, label, ticks: 5 } };
}
