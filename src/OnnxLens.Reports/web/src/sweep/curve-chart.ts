import { scaleLinear } from 'd3-scale';
import { chartFrame, symbolPath } from '../shared/chart';
import { bandKey, type KeyEntry, lineKey } from '../shared/chart-key';
import { svgElement } from '../shared/dom';
import { extent, markText } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { pointText } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import type { Palette } from '../shared/palette';
import { areaPath, band, linePath, nearest, placeIn, stroke } from '../shared/plot-parts';
import { numberText } from '../shared/number-text';
import { antiColour, lineColour, otherColour } from './colours';
import type { Curve, Sweep } from './data';
import { ANTI_TEXT, isAnti, type SampleLine, valueAt } from './samples';

export interface CurveChartOptions {
    readonly sweep: Sweep;
    readonly current: Curve;
    readonly also: readonly Curve[];
    readonly samples: readonly SampleLine[];
    readonly chosen: string | null;
    readonly width: number;
    readonly colours: Palette;
    readonly choose: (sample: string) => void;
}

/** How faint bands are: of the mean's interval, and of random vectors. */
const [MEAN_BAND, CONTROL_BAND] = [0.25, 0.28];

const ANTI_DASHES = '4 3';

interface Scales {
    readonly x: (multiplier: number) => number;
    readonly y: (propensity: number) => number;
}

/** The mean propensity over the multipliers with its interval, above every sample: those that are anti-steerable are dashed. */
export function curveChart(options: CurveChartOptions): Drawing {
    const { sweep, current, also, samples, chosen, width, colours, choose } = options;
    const size = { width, height: 340, left: 58, right: 14, top: 12, bottom: 42 };
    const means = [current, ...also].map((curve) => meanOf(sweep, curve));
    const multipliers = means.flatMap((mean) => mean.x);
    const x = scaleLinear(extent(multipliers, 0.03), [size.left, width - size.right]);
    const values = [
        ...samples.flatMap((sample) => sample.propensities),
        ...means.flatMap((mean) => [...mean.y, ...mean.low, ...mean.high]),
    ];
    const y = scaleLinear(extent(values), [size.height - size.bottom, size.top]).nice();
    const { svg, plot } = chartFrame(
        size,
        `Propensity over multipliers, ${nameText(current.vector)} at ${pointText(current)} on ${nameText(current.dataset)}`,
        { scale: x, label: 'multiplier', ticks: Math.max(3, Math.floor(width / 70)), format: markText },
        { scale: y, label: 'propensity, logits', ticks: 6, format: markText },
    );
    plot.append(controls(current, means[0] as Mean, { x, y }, colours), ...sampleLines(samples, { x, y }, colours));
    [...means]
        .reverse()
        .forEach((mean, index) => plot.append(meanLine(mean, means.length - 1 - index, { x, y }, colours)));
    const picked = samples.find((sample) => sample.id === chosen);
    if (picked !== undefined) {
        plot.append(chosenLine(picked, { x, y }, colours));
    }
    svg.addEventListener('click', (event) => {
        const [left, top] = placeIn(svg, event);
        const at = x.invert(left);
        const sample =
            samples[
                nearest(
                    samples.map((line) => y(valueAt(line, at))),
                    top,
                )
            ];
        if (sample !== undefined) {
            choose(sample.id);
        }
    });
    return { svg, key: key(options, picked), summary: words(current, samples) };
}

interface Mean {
    readonly curve: Curve;
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly low: readonly number[];
    readonly high: readonly number[];
}

function meanOf(sweep: Sweep, curve: Curve): Mean {
    const table = sweep.tables.curves;
    const column = (name: string): number[] => curve.curveRows.map((row) => table.numbers(name)[row] ?? NaN);
    return {
        curve,
        x: column('multiplier'),
        y: column('mean_propensity'),
        low: column('ci_low'),
        high: column('ci_high'),
    };
}

/** Where the slopes of random vectors, mean ± sd, would lead from the mean at 0, or from the line's value there. */
function controls(curve: Curve, mean: Mean, { x, y }: Scales, colours: Palette): SVGPathElement {
    const [first = NaN, last = NaN] = [mean.x[0], mean.x.at(-1)];
    const atZero = mean.y[mean.x.indexOf(0)] ?? (mean.y[0] ?? NaN) - curve.slope * first;
    const edge = (sign: number): [number, number][] =>
        [first, 0, last]
            .sort((a, b) => a - b)
            .map((m) => [x(m), y(atZero + m * curve.controlMean + sign * Math.abs(m) * curve.controlSd)]);
    return band(areaPath(edge(-1), edge(1)), otherColour(colours), CONTROL_BAND);
}

function sampleLines(samples: readonly SampleLine[], { x, y }: Scales, colours: Palette): SVGPathElement[] {
    const faint = samples.length > 60 ? 0.3 : 0.5;
    return samples
        .filter((sample) => !isAnti(sample))
        .concat(samples.filter(isAnti))
        .map((sample) => {
            const path = linePath(sample.multipliers.map((m, index) => [x(m), y(sample.propensities[index] ?? NaN)]));
            return isAnti(sample)
                ? stroke(path, antiColour(colours), 1, {
                      'stroke-dasharray': ANTI_DASHES,
                      opacity: 0.9,
                      class: 'sample anti',
                  })
                : stroke(path, otherColour(colours), 0.75, { opacity: faint, class: 'sample' });
        });
}

function meanLine(
    { curve, x: xs, y: ys, low, high }: Mean,
    index: number,
    { x, y }: Scales,
    colours: Palette,
): SVGGElement {
    const colour = lineColour(colours, index);
    const places = (values: readonly number[]): [number, number][] => xs.map((m, at) => [x(m), y(values[at] ?? NaN)]);
    const marks = places(ys)
        .filter(([, top]) => Number.isFinite(top))
        .map(([left, top]) =>
            svgElement('path', { d: symbolPath(index), transform: `translate(${left},${top})`, fill: colour }),
        );
    return svgElement(
        'g',
        {},
        svgElement('title', {}, `mean at ${pointText(curve)}`),
        band(areaPath(places(low), places(high)), colour, MEAN_BAND),
        stroke(linePath(places(ys)), colour, index === 0 ? 2.5 : 1.75),
        ...marks,
    );
}

function chosenLine(sample: SampleLine, { x, y }: Scales, colours: Palette): SVGGElement {
    const places = sample.multipliers.map((m, index): [number, number] => [x(m), y(sample.propensities[index] ?? NaN)]);
    return svgElement(
        'g',
        { class: 'chosen-sample' },
        stroke(linePath(places), colours.paper, 5),
        stroke(linePath(places), colours.ink, 2),
        ...places.map(([left, top]) => svgElement('circle', { cx: left, cy: top, r: 3, fill: colours.ink })),
    );
}

function key(
    { sweep, current, also, samples, colours }: CurveChartOptions,
    picked: SampleLine | undefined,
): KeyEntry[] {
    const interval = `${Math.round(100 * sweep.intervalLevel)} % bootstrap interval`;
    const means = [current, ...also].map((curve, index) =>
        lineKey(`mean at ${pointText(curve)}`, { colour: lineColour(colours, index), symbol: index }),
    );
    const bands = [
        ...(Number.isFinite(current.low)
            ? [bandKey(`band: ${interval} of the mean`, lineColour(colours, 0), MEAN_BAND)]
            : []),
        ...(Number.isFinite(current.controlSd)
            ? [bandKey('band: slopes of random vectors, mean ± sd', otherColour(colours), CONTROL_BAND)]
            : []),
    ];
    return [
        ...means,
        ...bands,
        lineKey(`each sample at ${pointText(current)}`, { colour: otherColour(colours), width: 1, opacity: 0.6 }),
        ...(samples.some(isAnti)
            ? [lineKey(ANTI_TEXT, { colour: antiColour(colours), width: 1, dashes: ANTI_DASHES })]
            : []),
        ...(picked === undefined ? [] : [lineKey(`sample ${nameText(picked.id)}`, { colour: colours.ink, symbol: 0 })]),
    ];
}

function words(curve: Curve, samples: readonly SampleLine[]): string {
    const anti = samples.filter(isAnti).length;
    const interval = Number.isNaN(curve.low) ? '' : ` [${numberText(curve.low)}, ${numberText(curve.high)}]`;
    return `The mean propensity moves by ${numberText(curve.slope)}${interval} logits for each unit of the multiplier; ${anti} of ${samples.length} samples are anti-steerable.`;
}
