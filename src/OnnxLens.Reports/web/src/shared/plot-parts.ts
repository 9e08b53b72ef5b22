import { svgElement } from './dom';

/** A place in a drawing. */
export type Place = readonly [x: number, y: number];

const isFinitePlace = ([x, y]: Place): boolean => Number.isFinite(x) && Number.isFinite(y);

/** The path of a line through places, with a gap where one is not finite. */
export function linePath(places: readonly Place[]): string {
    let path = '';
    let isDown = false;
    for (const place of places) {
        if (isFinitePlace(place)) {
            path += `${isDown ? 'L' : 'M'}${rounded(place[0])},${rounded(place[1])}`;
        }
        isDown = isFinitePlace(place);
    }
    return path;
}

/** The path of the area between two lines; empty unless all places are finite. */
export const areaPath = (low: readonly Place[], high: readonly Place[]): string =>
    low.length > 0 && [...low, ...high].every(isFinitePlace) ? `${linePath([...low, ...[...high].reverse()])}Z` : '';

/** A vertical interval with short ends. */
export const whiskerPath = (x: number, low: number, high: number, cap = 3): string =>
    Number.isFinite(low) && Number.isFinite(high)
        ? `M${rounded(x - cap)},${rounded(low)}h${2 * cap}M${rounded(x)},${rounded(low)}V${rounded(high)}M${rounded(x - cap)},${rounded(high)}h${2 * cap}`
        : '';

/** A line without a fill. */
export const stroke = (
    d: string,
    colour: string,
    width: number,
    more: Readonly<Record<string, string | number | undefined>> = {},
): SVGPathElement => svgElement('path', { d, fill: 'none', stroke: colour, 'stroke-width': width, ...more });

/** A faint area. */
export const band = (d: string, colour: string, opacity = 0.16): SVGPathElement =>
    svgElement('path', { d, fill: colour, opacity, stroke: 'none' });

/** The place of a pointer in the coordinates of a drawing. */
export function placeIn(svg: SVGSVGElement, event: MouseEvent): Place {
    const box = svg.getBoundingClientRect();
    const { width, height } = svg.viewBox.baseVal;
    return [((event.clientX - box.left) * width) / box.width, ((event.clientY - box.top) * height) / box.height];
}

/** The index of the value that is nearest to a place. */
export function nearest(values: readonly number[], place: number): number {
    let [best, distance] = [-1, Infinity];
    values.forEach((value, index) => {
        if (Math.abs(value - place) < distance) {
            [best, distance] = [index, Math.abs(value - place)];
        }
    });
    return best;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
