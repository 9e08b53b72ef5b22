import { scaleLinear, scaleLog } from 'd3-scale';
import { chartFrame, symbolPath } from '../shared/chart';
import { type KeyEntry, lineKey, markKey } from '../shared/chart-key';
import { svgElement } from '../shared/dom';
import { extent, markText, wholeMarks } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { pointText, sitesOf } from '../shared/hook-points';
import type { Palette } from '../shared/palette';
import { linePath, stroke } from '../shared/plot-parts';
import { numberText } from '../shared/number-text';
import type { PointRow } from './data';
import type { Measure } from './measures';

export interface LayerChartOptions {
    readonly points: readonly PointRow[];
    readonly site: string;
    readonly measure: Measure;
    readonly isLog: boolean;
    readonly width: number;
    readonly colours: Palette;
}

type Scale = (value: number) => number;

/** A measure over the layers: all its lines at the chosen site, the first of them at the others. On a logarithmic axis 0 lies on the floor. */
export function layerChart(options: LayerChartOptions): Drawing {
    const { points, site, measure, width, colours } = options;
    const sites = sitesOf(points);
    const lines = sites.flatMap((name, index) =>
        (name === site ? measure.series : measure.series.slice(0, 1)).map((series, place) => ({
            name,
            series,
            place,
            symbol: index,
            colour: colours.lines[index % colours.lines.length] ?? colours.ink,
            points: points.filter((point) => point.site === name),
        })),
    );
    const values = lines.flatMap((line) => line.points.map(line.series.value));
    const layers = points.map((point) => point.layer);
    const [first, last] = [Math.min(...layers), Math.max(...layers)];
    const size = { width, height: 300, left: 62, right: 14, top: 12, bottom: 42 };
    const x = scaleLinear([first - 0.5, last + 0.5], [size.left, width - size.right]);
    const isLog = options.isLog && measure.isLog && values.some((value) => value > 0);
    const floor = size.height - size.bottom;
    const { scale, y } = isLog ? logScale(values, floor, size.top) : linearScale(values, floor, size.top);
    const { svg, plot } = chartFrame(
        size,
        `Drift of B from A over layers: ${measure.text}`,
        { scale: x, label: 'layer', values: wholeMarks(first, last, Math.floor(width / 34)), format: String },
        isLog
            ? {
                  scale,
                  label: measure.axis,
                  values: powers(scale.domain() as number[]),
                  format: (value) => numberText(Number(value)),
              }
            : { scale, label: measure.axis, ticks: 6, format: (value) => markText(Number(value)) },
    );
    if (isLog && values.some((value) => value <= 0)) {
        plot.append(
            svgElement('text', { x: size.left - 8, y: floor + 4, 'text-anchor': 'end', fill: colours.muted }, '0'),
        );
    }
    for (const line of lines) {
        plot.append(drawLine(line, x, y, line.name === site, colours));
    }
    return {
        svg,
        key: key(lines, points, colours),
        summary: words(
            points.filter((point) => point.site === site),
            measure,
            isLog,
        ),
    };
}

function key(lines: readonly Line[], points: readonly PointRow[], colours: Palette): KeyEntry[] {
    const open = { fill: colours.paper, stroke: colours.ink, 'stroke-width': 1.5 };
    return [
        ...lines.map(({ name, series, place, symbol, colour }) =>
            lineKey(`${name}, ${series.name}`, { colour, symbol, dashes: DASHES[place] }),
        ),
        ...(points.some((point) => point.isExact)
            ? [markKey('open mark: A and B are exactly equal there', symbolPath(0, 34), open)]
            : []),
    ];
}

/** The dashes of a line by its place among those of a site. */
const DASHES = [undefined, '6 3', '2 3'] as const;

interface Line {
    readonly name: string;
    readonly series: Measure['series'][number];
    readonly place: number;
    readonly symbol: number;
    readonly colour: string;
    readonly points: readonly PointRow[];
}

function drawLine(
    { series, place, symbol, colour, points }: Line,
    x: Scale,
    y: Scale,
    isChosen: boolean,
    colours: Palette,
): SVGGElement {
    const places = points.map((point): [number, number] => [x(point.layer), y(series.value(point))]);
    const path = stroke(linePath(places), colour, isChosen ? 2 : 1.25, { 'stroke-dasharray': DASHES[place] });
    const group = svgElement('g', {}, path);
    points.forEach((point, index) => {
        const [left, top] = places[index] ?? [0, NaN];
        if (Number.isFinite(top)) {
            const value = series.value(point);
            const text = value === 0 ? 'exactly 0' : numberText(value);
            group.append(
                svgElement(
                    'path',
                    {
                        d: symbolPath(symbol, place === 0 ? 34 : 18),
                        transform: `translate(${left},${top})`,
                        // What is exactly equal is drawn open.
                        fill: point.isExact ? colours.paper : colour,
                        stroke: colour,
                        'stroke-width': 1.5,
                    },
                    svgElement(
                        'title',
                        {},
                        `${pointText(point)}, ${series.name}: ${text}${point.isExact ? ', A and B are equal here' : ''}`,
                    ),
                ),
            );
        }
    });
    return group;
}

function linearScale(
    values: readonly number[],
    floor: number,
    top: number,
): { scale: ReturnType<typeof scaleLinear<number, number>>; y: Scale } {
    const scale = scaleLinear(extent(values), [floor, top]).nice();
    return { scale, y: scale };
}

/** Whole powers of ten around the values above 0; those at or below 0 lie on the floor. */
function logScale(
    values: readonly number[],
    floor: number,
    top: number,
): { scale: ReturnType<typeof scaleLog<number, number>>; y: Scale } {
    const positive = values.filter((value) => value > 0 && Number.isFinite(value));
    const least = Math.floor(Math.log10(Math.min(...positive)));
    const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...positive))));
    const hasZero = values.some((value) => value <= 0);
    const scale = scaleLog([10 ** least, 10 ** most], [floor - (hasZero ? 18 : 0), top]);
    return { scale, y: (value) => (Number.isNaN(value) ? NaN : value <= 0 ? floor : scale(value)) };
}

function powers([low = 1, high = 10]: readonly number[]): number[] {
    const [first, last] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
    return wholeMarks(first, last, 8).map((power) => 10 ** power);
}

function words(points: readonly PointRow[], measure: Measure, isLog: boolean): string {
    const [series] = measure.series;
    const known = points.filter((point) => series !== undefined && !Number.isNaN(series.value(point)));
    const [start] = known;
    if (series === undefined || start === undefined) {
        return `${measure.text}: undefined here.`;
    }
    const equal = points.filter((point) => point.isExact).length;
    const exact =
        equal === 0
            ? ''
            : equal === points.length
              ? ' A and B are exactly equal at all of them.'
              : ` A and B are exactly equal at ${equal} of them.`;
    const most = known.reduce((best, point) => (series.value(point) > series.value(best) ? point : best), start);
    const least = known.reduce((best, point) => (series.value(point) < series.value(best) ? point : best), start);
    const at = (point: PointRow): string => `${numberText(series.value(point))} at ${pointText(point)}`;
    return `${measure.text}, ${series.name}: greatest ${at(most)}, least ${at(least)}, over ${points.length} points.${exact}${isLog ? ' Logarithmic axis.' : ''}`;
}
