import { scaleLinear } from 'd3-scale';
import { chartFrame, symbolPath } from '../shared/chart';
import { lineKey } from '../shared/chart-key';
import { svgElement } from '../shared/dom';
import { extent, markText } from '../shared/extent';
import type { Drawing } from '../shared/figure';
import { pointText } from '../shared/hook-points';
import { nameText } from '../shared/name-text';
import type { Palette } from '../shared/palette';
import { linePath, stroke } from '../shared/plot-parts';
import { numberText } from '../shared/number-text';
import { vectorColour } from './colours';
import { type Curve, costRows, type Sweep } from './data';

const [KL, RATIO] = ['KL, nats', 'perplexity ratio'];

const NONE_DASHES = '2 3';

/** KL and perplexity ratio on ordinary text over the multipliers, one below the other; null where no cost was measured. */
export function costChart(sweep: Sweep, curve: Curve, width: number, colours: Palette): Drawing | null {
    const rows = costRows(sweep, curve);
    if (rows.length === 0) {
        return null;
    }
    const { cost } = sweep.tables;
    const column = (name: string): number[] => rows.map((row) => cost.numbers(name)[row] ?? NaN);
    const [multipliers, kl, ratio] = [column('multiplier'), column('kl'), column('perplexity_ratio')];
    const panel = (values: readonly number[], label: string, none: number, index: number): SVGSVGElement => {
        const size = { width, height: 170, left: 58, right: 14, top: 12, bottom: 42 };
        const x = scaleLinear(extent(multipliers, 0.03), [size.left, width - size.right]);
        const y = scaleLinear(extent([none, ...values]), [size.height - size.bottom, size.top]).nice();
        const { svg, plot } = chartFrame(
            size,
            `${label} over multipliers, ${nameText(curve.vector)} at ${pointText(curve)}`,
            { scale: x, label: 'multiplier', ticks: Math.max(3, Math.floor(width / 70)), format: markText },
            { scale: y, label, ticks: 4, format: markText },
        );
        const colour = vectorColour(colours);
        const places = multipliers.map((m, at): [number, number] => [x(m), y(values[at] ?? NaN)]);
        plot.append(
            stroke(`M${size.left},${y(none)}H${width - size.right}`, colours.ink, 1, {
                'stroke-dasharray': NONE_DASHES,
            }),
        );
        plot.append(stroke(linePath(places), colour, 2));
        places.forEach(([left, top], at) =>
            plot.append(
                svgElement(
                    'path',
                    { d: symbolPath(index), transform: `translate(${left},${top})`, fill: colour },
                    svgElement(
                        'title',
                        {},
                        `${label} at ${markText(multipliers[at] ?? NaN)}: ${numberText(values[at] ?? NaN)}`,
                    ),
                ),
            ),
        );
        return svg;
    };
    return {
        svg: stacked(
            [panel(kl, KL, 0, 0), panel(ratio, RATIO, 1, 1)],
            width,
            `What steering costs on ordinary text, ${nameText(curve.vector)} at ${pointText(curve)}`,
        ),
        key: [
            lineKey(`above: ${KL}`, { colour: vectorColour(colours), symbol: 0 }),
            lineKey(`below: ${RATIO}, steered over not`, { colour: vectorColour(colours), symbol: 1 }),
            lineKey('what it is without steering', { colour: colours.ink, width: 1, dashes: NONE_DASHES }),
        ],
        summary: words(multipliers, kl, ratio),
    };
}

/** Drawings of one width, one below the other, as one. */
function stacked(parts: readonly SVGSVGElement[], width: number, title: string): SVGSVGElement {
    let height = 0;
    const placed = parts.map((part) => {
        const group = svgElement('g', {
            transform: `translate(0,${height})`,
            role: 'img',
            'aria-label': part.getAttribute('aria-label'),
        });
        group.append(...part.childNodes);
        height += part.viewBox.baseVal.height;
        return group;
    });
    return svgElement(
        'svg',
        { class: 'chart', viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': title },
        ...placed,
    );
}

function words(multipliers: readonly number[], kl: readonly number[], ratio: readonly number[]): string {
    const worst = kl.reduce((best, value, index) => (value > (kl[best] ?? -Infinity) ? index : best), 0);
    const one = multipliers.indexOf(1);
    const at = (index: number): string =>
        `KL ${numberText(kl[index] ?? NaN)} nats and ${numberText(ratio[index] ?? NaN)} times the perplexity`;
    const first = one < 0 ? '' : `At multiplier 1: ${at(one)}. `;
    return `${first}At ${markText(multipliers[worst] ?? NaN)}, where it costs most: ${at(worst)}. On ordinary text, with the vector at every position.`;
}
