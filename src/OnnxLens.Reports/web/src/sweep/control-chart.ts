import { scaleLinear, scalePoint } from 'd3-scale';
import { chartFrame, symbolPath } from '../shared/chart';
import { svgElement } from '../shared/dom';
import { extent, markText } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { pointText } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import type { Palette } from '../shared/palette';
import { stroke } from '../shared/plot-parts';
import { printedNumber } from '../shared/printed-text';
import type { Curve } from './data';

/** A mean slope that the vector's own is held against. */
export interface Comparison {
    readonly name: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
    /** What the ends are. */
    readonly ends: string;
}

/** The vector's slope, those of the controls that were run, and those of the samples of each letter. */
export function comparisons(curve: Curve, level: number, controls: number): Comparison[] {
    const alone = { low: NaN, high: NaN, ends: '' };
    const { controlMean: mean, controlSd: sd } = curve;
    const all: Comparison[] = [
        {
            name: 'the vector',
            value: curve.slope,
            low: curve.low,
            high: curve.high,
            ends: `${Math.round(100 * level)} % bootstrap interval`,
        },
        { name: `random (${controls})`, value: mean, low: mean - sd, high: mean + sd, ends: 'mean ± sd' },
        { name: 'shuffled labels', value: curve.shuffled, ...alone },
        { name: 'letter alone', value: curve.letterVector, ...alone },
        ...curve.letters.map((letter) => ({
            name: `samples ${nameText(letter.letter)} (${letter.samples})`,
            value: letter.meanSlope,
            ...alone,
        })),
    ];
    return all.filter((comparison) => !Number.isNaN(comparison.value));
}

/** Draws them, one in a line. */
export function controlChart(curve: Curve, rows: readonly Comparison[], width: number, colours: Palette): Drawing {
    const size = { width, height: 54 + 26 * rows.length, left: 128, right: 14, top: 8, bottom: 42 };
    const x = scaleLinear(extent([0, ...rows.flatMap((row) => [row.value, row.low, row.high])]), [
        size.left,
        width - size.right,
    ]).nice();
    const y = scalePoint(
        rows.map((row) => row.name),
        [size.top, size.height - size.bottom],
    ).padding(0.5);
    const { svg, plot } = chartFrame(
        size,
        `Controls and letters, ${nameText(curve.vector)} at ${pointText(curve)} on ${nameText(curve.dataset)}`,
        {
            scale: x,
            label: 'mean slope, logits per unit',
            ticks: Math.max(3, Math.floor(width / 90)),
            format: markText,
        },
        { scale: y, label: '', format: (name: string) => (name.length > 19 ? `${name.slice(0, 18)}…` : name) },
    );
    plot.append(
        stroke(`M${x(0)},${size.top}V${size.height - size.bottom}`, colours.ink, 1, { 'stroke-dasharray': '2 3' }),
    );
    rows.forEach((row, index) => {
        const [left, top] = [x(row.value), y(row.name) ?? 0];
        const colour = index === 0 ? (colours.lines[0] ?? colours.ink) : colours.muted;
        if (!Number.isNaN(row.low)) {
            plot.append(
                stroke(
                    `M${x(row.low)},${top}H${x(row.high)}M${x(row.low)},${top - 4}v8M${x(row.high)},${top - 4}v8`,
                    colour,
                    2,
                ),
            );
        }
        const hint = svgElement('title', {}, `${row.name}: ${printedNumber(row.value)}`);
        plot.append(
            svgElement(
                'path',
                { d: symbolPath(index === 0 ? 0 : 1, 44), transform: `translate(${left},${top})`, fill: colour },
                hint,
            ),
        );
    });
    return { svg, summary: words(rows) };
}

const words = (rows: readonly Comparison[]): string =>
    `${rows
        .map((row) => {
            const ends = Number.isNaN(row.low)
                ? ''
                : ` [${printedNumber(row.low)}, ${printedNumber(row.high)}], ${row.ends}`;
            return `${row.name} ${printedNumber(row.value)}${ends}`;
        })
        .join('; ')}.`;
