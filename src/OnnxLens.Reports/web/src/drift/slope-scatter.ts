import { scaleLinear } from 'd3-scale';
import { chartFrame, symbolPath } from '../shared/chart';
import { type KeyEntry, lineKey, markKey } from '../shared/chart-key';
import { svgElement } from '../shared/dom';
import { extent, markText } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { pointText } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import { cosineText, numberText } from '../shared/number-text';
import type { Palette } from '../shared/palette';
import { placeIn, stroke } from '../shared/plot-parts';
import type { Drift, SlopeRow } from './data';

/** A sample's slopes in both bundles. */
export interface SamplePair {
    readonly id: string;
    readonly a: number;
    readonly b: number;
    readonly flips: boolean;
    readonly row: number;
}

const known = new WeakMap<SlopeRow, SamplePair[]>();

/** The samples of a vector at a hook point, in the order of the dataset. Made once: a table keeps the focus of rows that stay. */
export function pairsOf(drift: Drift, slope: SlopeRow): readonly SamplePair[] {
    const pairs = known.get(slope) ?? makePairs(drift, slope);
    known.set(slope, pairs);
    return pairs;
}

function makePairs({ tables: { drift_samples: table } }: Drift, slope: SlopeRow): SamplePair[] {
    const [id, a, b] = [table.textOf('sample'), table.numbers('slope_a'), table.numbers('slope_b')];
    return slope.sampleRows.map((row) => {
        const [first, second] = [a[row] ?? NaN, b[row] ?? NaN];
        return { id: id(row), a: first, b: second, flips: Math.sign(first) * Math.sign(second) < 0, row };
    });
}

export interface ScatterOptions {
    readonly slope: SlopeRow;
    readonly pairs: readonly SamplePair[];
    readonly chosen: string | null;
    readonly level: number;
    readonly width: number;
    readonly colours: Palette;
    readonly choose: (sample: string) => void;
}

/** Each sample's slope in A across and in B up, with the diagonal on which both are equal; those that change their sign are marked. */
export function scatter({ slope, pairs, chosen, level, width, colours, choose }: ScatterOptions): Drawing {
    const height = Math.min(420, Math.max(280, width * 0.75));
    const size = { width, height, left: 58, right: 14, top: 12, bottom: 42 };
    const domain = extent([0, ...pairs.flatMap((pair) => [pair.a, pair.b])], 0.06);
    const x = scaleLinear(domain, [size.left, width - size.right]);
    const y = scaleLinear(domain, [height - size.bottom, size.top]);
    const { svg, plot } = chartFrame(
        size,
        `Slopes in A and B, ${nameText(slope.vector)} at ${pointText(slope)} on ${nameText(slope.dataset)}`,
        {
            scale: x,
            label: 'slope in A, logits per unit',
            ticks: Math.max(3, Math.floor(width / 80)),
            format: markText,
        },
        { scale: y, label: 'slope in B', ticks: 6, format: markText },
    );
    const [low, high] = domain;
    plot.append(
        stroke(`M${x(0)},${y(low)}V${y(high)}M${x(low)},${y(0)}H${x(high)}`, colours.muted, 1, {
            'stroke-dasharray': '2 3',
        }),
        stroke(`M${x(low)},${y(low)}L${x(high)},${y(high)}`, colours.ink, 1),
    );
    for (const pair of [...pairs].sort((a, b) => Number(a.flips) - Number(b.flips))) {
        plot.append(dot(pair, x(pair.a), y(pair.b), pair.id === chosen, colours));
    }
    svg.addEventListener('click', (event) => {
        const [left, top] = placeIn(svg, event);
        const far = (pair: SamplePair): number => Math.hypot(x(pair.a) - left, y(pair.b) - top);
        const [near] = [...pairs].sort((a, b) => far(a) - far(b));
        if (near !== undefined) {
            choose(near.id);
        }
    });
    return { svg, key: scatterKey(pairs, chosen, colours), summary: words(slope, pairs, level) };
}

function scatterKey(pairs: readonly SamplePair[], chosen: string | null, colours: Palette): KeyEntry[] {
    const paint = (flips: boolean): { fill: string } => ({ fill: colours.lines[flips ? 1 : 0] ?? colours.ink });
    const picked = pairs.find(({ id }) => id === chosen);
    const outlined = { stroke: colours.ink, 'stroke-width': 2 };
    return [
        markKey('a sample', symbolPath(0, 28), paint(false)),
        ...(pairs.some(({ flips }) => flips)
            ? [markKey('a sample that the vector moves the other way in B', symbolPath(3, 52), paint(true))]
            : []),
        ...(picked === undefined
            ? []
            : [
                  markKey(`sample ${nameText(picked.id)}`, symbolPath(picked.flips ? 3 : 0, 70), {
                      ...paint(picked.flips),
                      ...outlined,
                  }),
              ]),
        lineKey('equal in A and B', { colour: colours.ink, width: 1 }),
        lineKey('slope 0', { colour: colours.muted, width: 1, dashes: '2 3' }),
    ];
}

function dot(pair: SamplePair, left: number, top: number, chosen: boolean, colours: Palette): SVGPathElement {
    const text = `${nameText(pair.id)}: ${numberText(pair.a)} in A, ${numberText(pair.b)} in B${pair.flips ? ', the other way' : ''}`;
    return svgElement(
        'path',
        {
            class: pair.flips ? 'flip' : 'pair',
            d: symbolPath(pair.flips ? 3 : 0, chosen ? 110 : pair.flips ? 52 : 28),
            transform: `translate(${left},${top})`,
            fill: colours.lines[pair.flips ? 1 : 0],
            opacity: chosen || pair.flips ? 1 : 0.6,
            stroke: chosen ? colours.ink : 'none',
            'stroke-width': 2,
        },
        svgElement('title', {}, text),
    );
}

function words(slope: SlopeRow, pairs: readonly SamplePair[], level: number): string {
    if (pairs.every((pair) => pair.a === pair.b)) {
        return `At ${pointText(slope)} the slopes of all ${pairs.length} samples are exactly equal in A and B; their mean is ${numberText(slope.a)}.`;
    }
    const interval = Number.isNaN(slope.low)
        ? ''
        : ` [${numberText(slope.low)}, ${numberText(slope.high)}], paired ${Math.round(100 * level)} % bootstrap interval`;
    return `At ${pointText(slope)} the mean slope is ${numberText(slope.a)} in A and ${numberText(slope.b)} in B, B − A ${numberText(slope.difference)}${interval}. Correlation ${cosineText(slope.correlation)}; ${slope.flips} of ${pairs.length} samples go the other way in B.`;
}
