import type { KeyEntry } from './chart-key';
import { element, svgElement } from './dom';
import type { Palette } from './palette';
import { svgFileText } from './svg-file';
import { BOX_GAP, flowed, LINE_HEIGHT, type WidthOf, wrapped } from './text-flow';

/** What a saved picture has around its drawing, so that it says alone what it shows. */
export interface PictureFrame {
    readonly title: string;
    readonly key: readonly KeyEntry[];
    /** Where the numbers came from, in a line. */
    readonly provenance: string;
    readonly colours: Palette;
}

/** On what is seen on the page alone, as a cursor is; a picture leaves it out. */
export const PAGE_ONLY = { 'data-page-only': true } as const;

const MARGIN = 10;
const LEAST_WIDTH = 420;
const TITLE_LINE = 17;

/** The text of an SVG file that stands alone: the title, the drawing, its key, and where it came from. The drawing may be on the page or not. */
export function pictureText(drawing: SVGSVGElement, frame: PictureFrame): string {
    const picture = pictureSvg(drawing, frame);
    // Drawings get their styles where they are part of the page.
    const place = element('div', { class: 'offscreen', 'aria-hidden': 'true' }, picture);
    document.body.append(place);
    try {
        return svgFileText(picture, frame.colours.paper);
    } finally {
        place.remove();
    }
}

function pictureSvg(drawing: SVGSVGElement, { title, key, provenance }: PictureFrame): SVGSVGElement {
    const { width: drawn, height: drawnHeight } = drawing.viewBox.baseVal;
    const width = Math.max(LEAST_WIDTH, Math.ceil(drawn));
    const room = width - 2 * MARGIN;
    const titles = wrapped(title, room, textWidth('600 13px'));
    const top = MARGIN + titles.length * TITLE_LINE;
    const keyTop = top + Math.ceil(drawnHeight) + 8;
    const legend = keyGroup(key, keyTop, room);
    const origin = wrapped(provenance, room, textWidth('11px'));
    const originTop = keyTop + legend.height + (key.length === 0 ? 0 : 8);
    const height = originTop + origin.length * LINE_HEIGHT + MARGIN;
    return svgElement(
        'svg',
        { class: 'chart', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': title },
        svgElement('title', {}, title),
        ...titles.map((line, index) =>
            svgElement('text', { class: 'picture-title', x: MARGIN, y: MARGIN + 12 + index * TITLE_LINE }, line),
        ),
        svgElement('g', { transform: `translate(0,${top})` }, ...copied(drawing)),
        legend.group,
        ...origin.map((line, index) =>
            svgElement('text', { x: MARGIN, y: originTop + 11 + index * LINE_HEIGHT }, line),
        ),
    );
}

function keyGroup(key: readonly KeyEntry[], top: number, room: number): { group: SVGGElement; height: number } {
    const boxes = key.map(({ sample, text }) => ({ ...sizeOf(sample), text }));
    const { places, height } = flowed(boxes, room, textWidth('11px'));
    const group = svgElement('g', { transform: `translate(${MARGIN},${top})` });
    places.forEach(({ x, y, lines }, index) => {
        const sample = key[index]?.sample as SVGSVGElement;
        const { x: left, y: above, width } = sample.viewBox.baseVal;
        // A sample is as high as a line, or begins with one.
        const lift = Math.max(0, (LINE_HEIGHT - sizeOf(sample).height) / 2);
        group.append(
            svgElement('g', { transform: `translate(${x - left},${y - above + lift})` }, ...copied(sample)),
            ...lines.map((line, row) =>
                svgElement(
                    'text',
                    { class: 'axis-label', x: x + width + BOX_GAP, y: y + 11 + row * LINE_HEIGHT },
                    line,
                ),
            ),
        );
    });
    return { group, height };
}

const sizeOf = (svg: SVGSVGElement): { width: number; height: number } => ({
    width: svg.viewBox.baseVal.width,
    height: svg.viewBox.baseVal.height,
});

/** Copies of what is in a drawing, without its title and what is for the page alone. */
function copied(drawing: SVGSVGElement): Node[] {
    const copy = drawing.cloneNode(true) as SVGSVGElement;
    for (const left of copy.querySelectorAll(':scope > title, [data-page-only]')) {
        left.remove();
    }
    return [...copy.childNodes];
}

/** Measures texts in a font of the page. */
function textWidth(font: string): WidthOf {
    const context = document.createElement('canvas').getContext('2d');
    if (context === null) {
        throw new Error('The browser has no canvas.');
    }
    context.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
    return (text) => context.measureText(text).width;
}
