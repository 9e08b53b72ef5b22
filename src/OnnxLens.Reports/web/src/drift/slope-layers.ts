import { scaleLinear } from 'd3-scale';
import { chartFrame, symbolPath } from '../shared/chart';
import { errorBarKey, lineKey } from '../shared/chart-key';
import { svgElement } from '../shared/dom';
import { extent, markText, wholeMarks } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { pointText, sitesOf } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import { numberText } from '../shared/number-text';
import type { Palette } from '../shared/palette';
import { linePath, stroke, whiskerPath } from '../shared/plot-parts';
import type { SlopeRow } from './data';

/** Mean slopes in A and B over the layers, and B − A with its paired interval. */
export function slopeLayers(slopes: readonly SlopeRow[], level: number, width: number, colours: Palette): Drawing {
    const layers = slopes.map((slope) => slope.layer);
    const [first, last] = [Math.min(...layers), Math.max(...layers)];
    const size = { width, height: 300, left: 58, right: 14, top: 12, bottom: 42 };
    const x = scaleLinear([first - 0.5, last + 0.5], [size.left, width - size.right]);
    const values = slopes.flatMap((slope) => [slope.a, slope.b, slope.difference, slope.low, slope.high]);
    const y = scaleLinear(extent([0, ...values]), [size.height - size.bottom, size.top]).nice();
    const { svg, plot } = chartFrame(
        size,
        `Mean slopes in A and B over layers, ${nameText(slopes[0]?.vector ?? '')} on ${nameText(slopes[0]?.dataset ?? '')}`,
        { scale: x, label: 'layer', values: wholeMarks(first, last, Math.floor(width / 34)), format: String },
        { scale: y, label: 'slope, logits per unit', ticks: 6, format: markText },
    );
    plot.append(stroke(`M${size.left},${y(0)}H${width - size.right}`, colours.ink, 1, { 'stroke-dasharray': '2 3' }));
    const lines = sitesOf(slopes).flatMap((site, index) =>
        SHOWN.map((shown, place) => ({
            ...shown,
            site,
            slopes: slopes.filter((slope) => slope.site === site),
            number: (index * SHOWN.length + place) % 8,
        })),
    );
    for (const line of lines) {
        const colour = colours.lines[line.number] ?? colours.ink;
        plot.append(
            stroke(linePath(line.slopes.map((slope) => [x(slope.layer), y(line.value(slope))])), colour, 1.75, {
                'stroke-dasharray': line.dashes,
            }),
        );
        for (const slope of line.slopes) {
            if (line.hasInterval) {
                plot.append(stroke(whiskerPath(x(slope.layer), y(slope.low), y(slope.high)), colour, 1.5));
            }
            const hint = svgElement('title', {}, `${pointText(slope)}, ${line.name}: ${numberText(line.value(slope))}`);
            plot.append(
                svgElement(
                    'path',
                    {
                        d: symbolPath(line.number),
                        transform: `translate(${x(slope.layer)},${y(line.value(slope))})`,
                        fill: colour,
                    },
                    hint,
                ),
            );
        }
    }
    const key = [
        ...lines.map(({ site, name, number, dashes }) =>
            lineKey(`${site}, ${name}`, { colour: colours.lines[number] ?? colours.ink, symbol: number, dashes }),
        ),
        ...(slopes.some((slope) => Number.isFinite(slope.low))
            ? [errorBarKey(`bars: paired ${Math.round(100 * level)} % bootstrap interval of B − A`, colours.ink)]
            : []),
    ];
    const equal = slopes.every((slope) => slope.a === slope.b && slope.difference === 0);
    const widest = [...slopes].sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference))[0];
    const summary =
        equal || widest === undefined
            ? 'The mean slopes are exactly equal in A and B at every point.'
            : `B − A is largest at ${pointText(widest)}: ${numberText(widest.difference)}.`;
    return { svg, key, summary };
}

const SHOWN = [
    { name: 'A', value: (slope: SlopeRow): number => slope.a, hasInterval: false, dashes: undefined },
    { name: 'B', value: (slope: SlopeRow): number => slope.b, hasInterval: false, dashes: undefined },
    {
        name: 'B − A',
        value: (slope: SlopeRow): number => slope.difference,
        hasInterval: true,
        dashes: '4 3',
    },
] as const;
