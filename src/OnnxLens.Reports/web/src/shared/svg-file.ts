import { saveFile } from './download';

/** What a drawing on the page gets from style sheets, and a file has to hold itself. */
const INHERITED = [
    'fill',
    'stroke',
    'stroke-width',
    'stroke-dasharray',
    'opacity',
    'font-family',
    'font-size',
    'font-weight',
    'text-anchor',
] as const;

/** The type of an SVG file. */
export const SVG_TYPE = 'image/svg+xml;charset=utf-8';

/** A drawing of the page as the text of a file that stands alone: styles become attributes, a background lies below. */
export function svgFileText(drawing: SVGSVGElement, background: string): string {
    const { width, height } = drawing.viewBox.baseVal;
    const copy = drawing.cloneNode(true) as SVGSVGElement;
    copyStyles(drawing, copy);
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    copy.setAttribute('width', String(width));
    copy.setAttribute('height', String(height));
    const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    for (const [name, value] of Object.entries({ width, height, fill: background })) {
        paper.setAttribute(name, String(value));
    }
    copy.prepend(paper);
    return svgText(copy);
}

/** A drawing as XML: what has a meaning is escaped, and what XML does not admit is replaced. */
export const svgText = (drawing: SVGSVGElement): string => admitted(new XMLSerializer().serializeToString(drawing));

/** A text without the code points that XML does not admit. The browser's serializer leaves them as they are. */
export const admitted = (text: string): string =>
    // eslint-disable-next-line no-control-regex -- these are what XML does not admit
    text.replaceAll(/\p{Cs}|[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/gu, '\uFFFD');

/** Saves a drawing as SVG. */
export function saveSvg(name: string, text: string): void {
    saveFile(name, new Blob([text], { type: SVG_TYPE }));
}

/** Saves a drawing as PNG, so many times as large. */
export async function savePng(name: string, svgText: string, scale = 2): Promise<void> {
    const address = URL.createObjectURL(new Blob([svgText], { type: SVG_TYPE }));
    try {
        const image = new Image();
        image.src = address;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = Math.ceil(image.width * scale);
        canvas.height = Math.ceil(image.height * scale);
        canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
        saveFile(name, await canvasPng(canvas));
    } finally {
        URL.revokeObjectURL(address);
    }
}

/** The PNG file of a canvas. */
export function canvasPng(canvas: HTMLCanvasElement): Promise<Blob> {
    return new Promise((resolve, reject) => {
        canvas.toBlob((blob) => {
            if (blob === null) {
                reject(new Error('The browser could not make a picture of this size.'));
            } else {
                resolve(blob);
            }
        }, 'image/png');
    });
}

function copyStyles(from: Element, to: Element): void {
    const style = getComputedStyle(from);
    for (const name of INHERITED) {
        to.setAttribute(name, style.getPropertyValue(name));
    }
    to.removeAttribute('class');
    [...from.children].forEach((child, index) => copyStyles(child, to.children[index] as Element));
}
