import { scaleLinear } from 'd3-scale';
import { chartFrame, symbolPath } from '../shared/chart';
import { bandKey, errorBarKey, type KeyEntry, lineKey, markKey } from '../shared/chart-key';
import { svgElement } from '../shared/dom';
import { extent, markText, wholeMarks } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { distinct, pointText, sitesOf } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import type { Palette } from '../shared/palette';
import { areaPath, band, linePath, stroke, whiskerPath } from '../shared/plot-parts';
import { numberText } from '../shared/number-text';
import { lineColour, otherColour } from './colours';
import type { Curve } from './data';
import type { Measure } from './measures';

export interface LayerChartOptions {
    readonly curves: readonly Curve[];
    readonly current: Curve;
    readonly measure: Measure;
    readonly level: number;
    readonly width: number;
    readonly colours: Palette;
    readonly choose: (point: string) => void;
}

/** How faint the band of random vectors is. */
const BAND = 0.28;

/** A measure over the layers, one line for each site; slopes with their intervals and what random vectors do. */
export function layerChart({ curves, current, measure, level, width, colours, choose }: LayerChartOptions): Drawing {
    const sites = sitesOf(curves);
    const layers = distinct(curves.map((curve) => curve.layer)).sort((a, b) => a - b);
    const [first = 0, last = 0] = [layers[0], layers.at(-1)];
    const size = { width, height: 300, left: 58, right: 14, top: 12, bottom: 42 };
    const x = scaleLinear([first - 0.5, last + 0.5], [size.left, width - size.right]);
    const isSlope = measure.key === 'slope';
    const values = curves.flatMap((curve) => [
        measure.value(curve),
        measure.low?.(curve) ?? NaN,
        measure.high?.(curve) ?? NaN,
        ...(isSlope ? [0, curve.controlMean - curve.controlSd, curve.controlMean + curve.controlSd] : []),
    ]);
    const y = scaleLinear(extent(values), [size.height - size.bottom, size.top]).nice();
    const { svg, plot } = chartFrame(
        size,
        `${measure.text} over layers, ${nameText(current.vector)} on ${nameText(current.dataset)}`,
        { scale: x, label: 'layer', values: wholeMarks(first, last, Math.floor(width / 34)), format: String },
        { scale: y, label: measure.axis, ticks: 6, format: markText },
    );
    const ofSite = curves.filter((curve) => curve.site === current.site);
    if (isSlope) {
        const edge = (sign: number): [number, number][] =>
            ofSite.map((curve) => [x(curve.layer), y(curve.controlMean + sign * curve.controlSd)]);
        plot.append(band(controlPath(edge(-1), edge(1)), otherColour(colours), BAND));
        plot.append(
            stroke(`M${size.left},${y(0)}H${width - size.right}`, colours.ink, 1, { 'stroke-dasharray': '2 3' }),
        );
    }
    sites.forEach((site, index) => {
        const line = curves.filter((curve) => curve.site === site);
        plot.append(
            siteLine(line, index, {
                current,
                measure,
                colours,
                choose,
                x,
                y,
                offset: sites.length > 1 ? (index - (sites.length - 1) / 2) * 3 : 0,
            }),
        );
    });
    return { svg, key: key(sites, current, ofSite, isSlope, level, colours), summary: words(curves, measure) };
}

/** A band over several layers; a box around a single one. */
function controlPath(low: readonly [number, number][], high: readonly [number, number][]): string {
    const [one, top] = [low[0], high[0]];
    return low.length === 1 && one !== undefined && top !== undefined
        ? areaPath(
              [
                  [one[0] - 12, one[1]],
                  [one[0] + 12, one[1]],
              ],
              [
                  [top[0] - 12, top[1]],
                  [top[0] + 12, top[1]],
              ],
          )
        : areaPath(low, high);
}

interface LineOptions extends Pick<LayerChartOptions, 'current' | 'measure' | 'colours' | 'choose'> {
    readonly x: (layer: number) => number;
    readonly y: (value: number) => number;
    readonly offset: number;
}

function siteLine(
    line: readonly Curve[],
    index: number,
    { current, measure, colours, choose, x, y, offset }: LineOptions,
): SVGGElement {
    const colour = lineColour(colours, index);
    const group = svgElement(
        'g',
        {},
        stroke(linePath(line.map((curve) => [x(curve.layer), y(measure.value(curve))])), colour, 1.5),
    );
    for (const curve of line) {
        const [left, top] = [x(curve.layer) + offset, y(measure.value(curve))];
        if (measure.low !== undefined && measure.high !== undefined) {
            group.append(stroke(whiskerPath(left, y(measure.low(curve)), y(measure.high(curve))), colour, 1.5));
        }
        if (Number.isFinite(top)) {
            group.append(mark(curve, left, top, index, colour, curve === current, choose, measure));
        }
    }
    return group;
}

function mark(
    curve: Curve,
    left: number,
    top: number,
    index: number,
    colour: string,
    isCurrent: boolean,
    choose: (point: string) => void,
    measure: Measure,
): SVGGElement {
    return svgElement(
        'g',
        { class: 'mark', transform: `translate(${left},${top})`, onclick: () => choose(pointText(curve)) },
        svgElement('title', {}, `${pointText(curve)}: ${measure.text} ${numberText(measure.value(curve))}`),
        svgElement('circle', { r: 11, fill: colour, opacity: 0 }),
        isCurrent ? svgElement('circle', { r: 8, fill: 'none', stroke: colour, 'stroke-width': 2 }) : null,
        svgElement('path', { d: symbolPath(index, isCurrent ? 60 : 34), fill: colour }),
    );
}

function key(
    sites: readonly string[],
    current: Curve,
    ofSite: readonly Curve[],
    isSlope: boolean,
    level: number,
    colours: Palette,
): KeyEntry[] {
    const lines = sites.map((site, index) => lineKey(site, { colour: lineColour(colours, index), symbol: index }));
    const ring = { fill: 'none', stroke: colours.ink, 'stroke-width': 2 };
    const front = markKey(
        `ring: ${pointText(current)}, which the other figures show`,
        'M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0',
        ring,
    );
    const bars = ofSite.some((curve) => Number.isFinite(curve.low))
        ? [errorBarKey(`bars: ${Math.round(100 * level)} % bootstrap interval`, colours.ink)]
        : [];
    const band = ofSite.some((curve) => Number.isFinite(curve.controlSd))
        ? [bandKey(`band: random vectors of the same norm at ${current.site}, mean ± sd`, otherColour(colours), BAND)]
        : [];
    return [...lines, ...(isSlope ? [...bars, ...band] : []), front];
}

function words(curves: readonly Curve[], measure: Measure): string {
    const known = curves.filter((curve) => !Number.isNaN(measure.value(curve)));
    const [first] = known;
    if (first === undefined) {
        return `${measure.text}: not measured.`;
    }
    const by = (better: (a: number, b: number) => boolean): Curve =>
        known.reduce((best, curve) => (better(measure.value(curve), measure.value(best)) ? curve : best), first);
    const [most, least] = [by((a, b) => a > b), by((a, b) => a < b)];
    const named = (curve: Curve): string => `${numberText(measure.value(curve))} at ${pointText(curve)}`;
    return known.length === 1
        ? `The ${measure.text} is ${named(most)}.`
        : `Over ${known.length} hook points the ${measure.text} is greatest, ${named(most)}, and least, ${named(least)}.`;
}
