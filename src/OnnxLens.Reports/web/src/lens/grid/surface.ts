/** What a grid is painted on: a canvas, or the text of an SVG file. */
export interface Surface {
    rect(x: number, y: number, width: number, height: number, fill: string): void;
    /** An outline within the rectangle. */
    outline(x: number, y: number, width: number, height: number, stroke: string, thickness: number): void;
    text(text: string, x: number, y: number, style: TextStyle): void;
    /** Keeps what `paint` draws within a rectangle. */
    clipped(x: number, y: number, width: number, height: number, paint: () => void): void;
    /** The width of a text. */
    widthOf(text: string, size: number): number;
}

export interface TextStyle {
    readonly size: number;
    readonly fill: string;
    readonly align: 'start' | 'middle' | 'end';
    readonly italic?: boolean;
    readonly bold?: boolean;
}

export const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** Paints on a canvas. */
export class CanvasSurface implements Surface {
    private font = '';

    constructor(private readonly context: CanvasRenderingContext2D) {
        context.textBaseline = 'middle';
        // Tokens of other directions stand where their cell is.
        context.direction = 'ltr';
    }

    rect(x: number, y: number, width: number, height: number, fill: string): void {
        this.context.fillStyle = fill;
        this.context.fillRect(x, y, width, height);
    }

    outline(x: number, y: number, width: number, height: number, stroke: string, thickness: number): void {
        this.context.strokeStyle = stroke;
        this.context.lineWidth = thickness;
        this.context.strokeRect(x + thickness / 2, y + thickness / 2, width - thickness, height - thickness);
    }

    text(text: string, x: number, y: number, style: TextStyle): void {
        this.setFont(
            `${style.italic === true ? 'italic ' : ''}${style.bold === true ? '600 ' : ''}${style.size}px ${MONO}`,
        );
        this.context.fillStyle = style.fill;
        this.context.textAlign = style.align === 'middle' ? 'center' : style.align;
        this.context.fillText(text, x, y);
    }

    clipped(x: number, y: number, width: number, height: number, paint: () => void): void {
        this.context.save();
        this.context.beginPath();
        this.context.rect(x, y, width, height);
        this.context.clip();
        this.font = '';
        paint();
        this.context.restore();
        this.font = '';
    }

    widthOf(text: string, size: number): number {
        this.setFont(`${size}px ${MONO}`);
        return this.context.measureText(text).width;
    }

    // Setting a font is slow even where it is the same.
    private setFont(font: string): void {
        if (font !== this.font) {
            this.context.font = font;
            this.font = font;
        }
    }
}

/** Writes an SVG file: rectangles and texts alone. */
export class SvgSurface implements Surface {
    private readonly parts: string[] = [];
    private clips = 0;

    constructor(private readonly measure: (text: string, size: number) => number) {}

    rect(x: number, y: number, width: number, height: number, fill: string): void {
        this.parts.push(`<rect ${box(x, y, width, height)} fill="${escaped(fill)}"/>`);
    }

    outline(x: number, y: number, width: number, height: number, stroke: string, thickness: number): void {
        const inner = box(x + thickness / 2, y + thickness / 2, width - thickness, height - thickness);
        this.parts.push(`<rect ${inner} fill="none" stroke="${escaped(stroke)}" stroke-width="${thickness}"/>`);
    }

    text(text: string, x: number, y: number, style: TextStyle): void {
        const form = `${style.italic === true ? ' font-style="italic"' : ''}${style.bold === true ? ' font-weight="600"' : ''}`;
        this.parts.push(
            `<text x="${short(x)}" y="${short(y + style.size * 0.35)}" font-size="${style.size}" fill="${escaped(style.fill)}" text-anchor="${style.align}"${form} xml:space="preserve">${escaped(text)}</text>`,
        );
    }

    clipped(x: number, y: number, width: number, height: number, paint: () => void): void {
        const id = `clip${this.clips++}`;
        this.parts.push(
            `<clipPath id="${id}"><rect ${box(x, y, width, height)}/></clipPath><g clip-path="url(#${id})">`,
        );
        paint();
        this.parts.push('</g>');
    }

    widthOf(text: string, size: number): number {
        return this.measure(text, size);
    }

    /** The file. */
    file(width: number, height: number, title: string): string {
        return [
            `<svg xmlns="http://www.w3.org/2000/svg" width="${short(width)}" height="${short(height)}" viewBox="0 0 ${short(width)} ${short(height)}" font-family="${escaped(MONO)}">`,
            `<title>${escaped(title)}</title>`,
            ...this.parts,
            '</svg>\n',
        ].join('\n');
    }
}

/** Text for XML: what has a meaning is escaped, and characters that XML does not have are replaced. */
export function escaped(text: string): string {
    return (
        text
            .replaceAll(/\p{Cs}/gu, '\uFFFD')
            // eslint-disable-next-line no-control-regex -- these are what XML does not admit
            .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
            .replaceAll('&', '&amp;')
            .replaceAll('<', '&lt;')
            .replaceAll('>', '&gt;')
            .replaceAll('"', '&quot;')
    );
}

const box = (x: number, y: number, width: number, height: number): string =>
    `x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}"`;

const short = (value: number): string => String(Math.round(value * 100) / 100);
