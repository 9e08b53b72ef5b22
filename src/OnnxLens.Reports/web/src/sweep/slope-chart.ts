import { scaleLinear } from 'd3-scale';
import { chartFrame } from '../shared/chart';
import { boxKey, errorBarKey, type KeyEntry, lineKey } from '../shared/chart-key';
import { svgElement } from '../shared/dom';
import { extent, markText } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { pointText } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import type { Palette } from '../shared/palette';
import { nearest, placeIn, stroke } from '../shared/plot-parts';
import { numberText } from '../shared/number-text';
import { antiColour, otherColour, vectorColour } from './colours';
import type { Curve } from './data';
import { ANTI_TEXT, type Bin, histogram, isAnti, type SampleLine } from './samples';

export interface SlopeChartOptions {
    readonly curve: Curve;
    readonly samples: readonly SampleLine[];
    readonly chosen: string | null;
    readonly level: number;
    readonly width: number;
    readonly colours: Palette;
    readonly choose: (sample: string) => void;
}

const STRIP = 34;

/** How faint bars are. */
const BAR = 0.75;

/** How the samples' slopes are spread: their numbers in steps, one of whose edges is 0, and below them a line for each sample. */
export function slopeChart({ curve, samples, chosen, level, width, colours, choose }: SlopeChartOptions): Drawing {
    const slopes = samples.map((sample) => sample.slope);
    const bins = histogram(slopes);
    const size = { width, height: 260, left: 58, right: 14, top: 12, bottom: 42 + STRIP };
    const edges = bins.flatMap((bin) => [bin.from, bin.to]);
    const x = scaleLinear(extent(edges, 0.02), [size.left, width - size.right]);
    const floor = size.height - size.bottom;
    const y = scaleLinear([0, Math.max(1, ...bins.map((bin) => bin.values.length))], [floor, size.top]).nice();
    const { svg, plot } = chartFrame(
        size,
        `Slopes of the samples, ${nameText(curve.vector)} at ${pointText(curve)} on ${nameText(curve.dataset)}`,
        { scale: x, label: '', ticks: Math.max(3, Math.floor(width / 80)), format: markText },
        {
            scale: y,
            label: 'samples',
            ticks: Math.min(5, y.domain()[1] ?? 1),
            format: (value) => (Number.isInteger(Number(value)) ? markText(Number(value)) : ''),
        },
    );
    plot.append(...bins.filter((bin) => bin.values.length > 0).map((bin) => bar(bin, x, y, floor, colours)));
    plot.append(stroke(`M${x(0)},${size.top}V${floor}`, colours.ink, 1, { 'stroke-dasharray': '2 3' }));
    plot.append(meanMark(curve, x, size.top, floor, colours));
    const [top, bottom] = [size.height - STRIP - 14, size.height - 26];
    plot.append(...ticks(samples, chosen, x, top, bottom, colours));
    plot.append(
        svgElement(
            'text',
            {
                class: 'axis-label',
                x: (size.left + width - size.right) / 2,
                y: size.height - 6,
                'text-anchor': 'middle',
            },
            'slope, logits per unit',
        ),
    );
    svg.addEventListener('click', (event) => {
        const sample = samples[nearest(slopes, x.invert(placeIn(svg, event)[0]))];
        if (sample !== undefined) {
            choose(sample.id);
        }
    });
    return { svg, key: key(curve, samples, chosen, level, colours), summary: words(curve, samples) };
}

function key(
    curve: Curve,
    samples: readonly SampleLine[],
    chosen: string | null,
    level: number,
    colours: Palette,
): KeyEntry[] {
    const picked = samples.find(({ id }) => id === chosen);
    return [
        boxKey('bars: how many samples; lines below them: each sample', otherColour(colours), { opacity: BAR }),
        ...(samples.some(isAnti) ? [boxKey(ANTI_TEXT, antiColour(colours), { opacity: BAR })] : []),
        lineKey('mean', { colour: vectorColour(colours) }),
        ...(Number.isFinite(curve.low)
            ? [errorBarKey(`its ${Math.round(100 * level)} % bootstrap interval`, vectorColour(colours), false)]
            : []),
        ...(picked === undefined ? [] : [lineKey(`sample ${nameText(picked.id)}`, { colour: colours.ink, width: 3 })]),
    ];
}

function bar(
    bin: Bin,
    x: (value: number) => number,
    y: (value: number) => number,
    floor: number,
    colours: Palette,
): SVGRectElement {
    const count = bin.values.length;
    return svgElement(
        'rect',
        {
            class: 'bar',
            x: x(bin.from) + 0.5,
            y: y(count),
            width: Math.max(0.5, x(bin.to) - x(bin.from) - 1),
            height: floor - y(count),
            fill: bin.to <= 0 ? antiColour(colours) : otherColour(colours),
            opacity: BAR,
        },
        svgElement('title', {}, `${count} samples from ${numberText(bin.from, 3)} to ${numberText(bin.to, 3)}`),
    );
}

function meanMark(
    curve: Curve,
    x: (value: number) => number,
    top: number,
    floor: number,
    colours: Palette,
): SVGGElement {
    const interval = Number.isNaN(curve.low)
        ? ''
        : `M${x(curve.low)},${top + 6}H${x(curve.high)}M${x(curve.low)},${top + 2}v8M${x(curve.high)},${top + 2}v8`;
    return svgElement(
        'g',
        {},
        stroke(`M${x(curve.slope)},${top}V${floor}`, vectorColour(colours), 2),
        stroke(interval, vectorColour(colours), 2),
    );
}

/** A line for each sample, those of one sign in one path, and the chosen one above them. */
function ticks(
    samples: readonly SampleLine[],
    chosen: string | null,
    x: (slope: number) => number,
    top: number,
    bottom: number,
    colours: Palette,
): SVGPathElement[] {
    const lines = (held: readonly SampleLine[]): string =>
        held.map(({ slope }) => `M${x(slope)},${top}V${bottom}`).join('');
    const more = { class: 'tick', opacity: 0.7 };
    const picked = samples.filter(({ id }) => id === chosen);
    return [
        stroke(lines(samples.filter((sample) => !isAnti(sample))), otherColour(colours), 1, more),
        stroke(lines(samples.filter(isAnti)), antiColour(colours), 1, more),
        stroke(picked.map(({ slope }) => `M${x(slope)},${top - 4}V${bottom + 4}`).join(''), colours.ink, 3),
    ];
}

function words(curve: Curve, samples: readonly SampleLine[]): string {
    const below = samples.filter(isAnti).length;
    const share = numberText((100 * below) / Math.max(1, samples.length), 3);
    const spread = samples.map((sample) => sample.slope).sort((a, b) => a - b);
    return `${below} of ${samples.length} samples (${share} %) are anti-steerable: their slope is below 0. Slopes go from ${numberText(spread[0] ?? NaN)} to ${numberText(spread.at(-1) ?? NaN)}, their mean is ${numberText(curve.slope)}.`;
}
