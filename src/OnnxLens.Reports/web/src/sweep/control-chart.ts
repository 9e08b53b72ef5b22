import { scaleLinear, scalePoint } from 'd3-scale';
import { chartFrame, symbolPath } from '../shared/chart';
import { errorBarKey, type KeyEntry, lineKey, markKey } from '../shared/chart-key';
import { svgElement } from '../shared/dom';
import { extent, markText } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { pointText } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import type { Palette } from '../shared/palette';
import { stroke } from '../shared/plot-parts';
import { numberText } from '../shared/number-text';
import { otherColour, vectorColour } from './colours';
import type { Curve } from './data';

/** The size of a mark. */
const MARK = 44;

const ZERO_DASHES = '2 3';

/** What a mean slope is of: the vector, random ones, that of shuffled labels, that of the letter alone, or the samples of one letter. */
export type ComparisonKind = 'vector' | 'random' | 'shuffled' | 'letter' | 'samples_of_letter';

/** A mean slope that the vector's own is held against. NaN is undefined. */
export interface Comparison {
    readonly kind: ComparisonKind;
    readonly name: string;
    /** The letter of its samples; empty where they are of all. */
    readonly letter: string;
    readonly samples: number;
    /** How many random vectors it is the mean of. */
    readonly vectors: number;
    readonly value: number;
    /** Standard deviation of the slopes of random vectors. */
    readonly sd: number;
    readonly low: number;
    readonly high: number;
    /** The level of the interval from `low` to `high`; undefined where they are the mean ± sd. */
    readonly level: number;
    /** What the ends are. */
    readonly ends: string;
}

/** The vector's slope, those of the controls that were run, and those of the samples of each letter. */
export function comparisons(curve: Curve, level: number, controls: number): Comparison[] {
    const alone = {
        letter: '',
        samples: curve.samples,
        vectors: NaN,
        sd: NaN,
        low: NaN,
        high: NaN,
        level: NaN,
        ends: '',
    };
    const { controlMean: mean, controlSd: sd } = curve;
    const all: Comparison[] = [
        {
            ...alone,
            kind: 'vector',
            name: 'the vector',
            value: curve.slope,
            low: curve.low,
            high: curve.high,
            level: Number.isNaN(curve.low) ? NaN : level,
            ends: `${Math.round(100 * level)} % bootstrap interval`,
        },
        {
            ...alone,
            kind: 'random',
            name: `random (${controls})`,
            vectors: controls,
            value: mean,
            sd,
            low: mean - sd,
            high: mean + sd,
            ends: 'mean ± sd',
        },
        { ...alone, kind: 'shuffled', name: 'shuffled labels', value: curve.shuffled },
        { ...alone, kind: 'letter', name: 'letter alone', value: curve.letterVector },
        ...curve.letters.map(({ letter, samples, meanSlope }): Comparison => ({
            ...alone,
            kind: 'samples_of_letter',
            name: `samples ${nameText(letter)} (${samples})`,
            letter,
            samples,
            value: meanSlope,
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
        stroke(`M${x(0)},${size.top}V${size.height - size.bottom}`, colours.ink, 1, {
            'stroke-dasharray': ZERO_DASHES,
        }),
    );
    rows.forEach((row, index) => {
        const [left, top] = [x(row.value), y(row.name) ?? 0];
        const colour = index === 0 ? vectorColour(colours) : otherColour(colours);
        if (!Number.isNaN(row.low)) {
            plot.append(
                stroke(
                    `M${x(row.low)},${top}H${x(row.high)}M${x(row.low)},${top - 4}v8M${x(row.high)},${top - 4}v8`,
                    colour,
                    2,
                ),
            );
        }
        const hint = svgElement('title', {}, `${row.name}: ${numberText(row.value)}`);
        plot.append(
            svgElement(
                'path',
                { d: symbolPath(index === 0 ? 0 : 1, MARK), transform: `translate(${left},${top})`, fill: colour },
                hint,
            ),
        );
    });
    return { svg, key: key(rows, colours), summary: words(rows) };
}

function key(rows: readonly Comparison[], colours: Palette): KeyEntry[] {
    const [vector, ...others] = rows;
    const bar = (row: Comparison | undefined, text: string, colour: string): KeyEntry[] =>
        row === undefined || Number.isNaN(row.low) ? [] : [errorBarKey(`${text}: ${row.ends}`, colour, false)];
    return [
        markKey('the vector', symbolPath(0, MARK), { fill: vectorColour(colours) }),
        ...bar(vector, 'bar of the vector', vectorColour(colours)),
        ...(others.length === 0
            ? []
            : [markKey('what it is held against', symbolPath(1, MARK), { fill: otherColour(colours) })]),
        ...bar(
            others.find((row) => !Number.isNaN(row.low)),
            'bar of random vectors',
            otherColour(colours),
        ),
        lineKey('slope 0', { colour: colours.ink, width: 1, dashes: ZERO_DASHES }),
    ];
}

const words = (rows: readonly Comparison[]): string =>
    `${rows
        .map((row) => {
            const ends = Number.isNaN(row.low) ? '' : ` [${numberText(row.low)}, ${numberText(row.high)}], ${row.ends}`;
            return `${row.name} ${numberText(row.value)}${ends}`;
        })
        .join('; ')}.`;
