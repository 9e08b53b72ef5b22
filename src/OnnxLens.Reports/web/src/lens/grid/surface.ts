import { setAttributes, svgElement } from '../../shared/dom';
import { svgText } from '../../shared/svg-file';

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

/** Draws an SVG file: rectangles and texts alone. */
export class SvgSurface implements Surface {
    private readonly clips = svgElement('defs');
    private readonly drawing = svgElement('svg', { 'font-family': MONO }, this.clips);
    private target: SVGElement = this.drawing;

    constructor(private readonly measure: (text: string, size: number) => number) {}

    rect(x: number, y: number, width: number, height: number, fill: string): void {
        this.target.append(svgElement('rect', { ...box(x, y, width, height), fill }));
    }

    outline(x: number, y: number, width: number, height: number, stroke: string, thickness: number): void {
        const inner = box(x + thickness / 2, y + thickness / 2, width - thickness, height - thickness);
        this.target.append(svgElement('rect', { ...inner, fill: 'none', stroke, 'stroke-width': thickness }));
    }

    text(text: string, x: number, y: number, style: TextStyle): void {
        const form = {
            x: short(x),
            y: short(y + style.size * 0.35),
            'font-size': style.size,
            fill: style.fill,
            'text-anchor': style.align,
            'font-style': style.italic === true ? 'italic' : null,
            'font-weight': style.bold === true ? 600 : null,
            'xml:space': 'preserve',
        };
        this.target.append(svgElement('text', form, text));
    }

    clipped(x: number, y: number, width: number, height: number, paint: () => void): void {
        const id = `clip${this.clips.childElementCount}`;
        this.clips.append(svgElement('clipPath', { id }, svgElement('rect', box(x, y, width, height))));
        const [outer, group] = [this.target, svgElement('g', { 'clip-path': `url(#${id})` })];
        outer.append(group);
        this.target = group;
        paint();
        this.target = outer;
    }

    widthOf(text: string, size: number): number {
        return this.measure(text, size);
    }

    /** The file. */
    file(width: number, height: number, title: string): string {
        const [w, h] = [short(width), short(height)];
        setAttributes(this.drawing, { width: w, height: h, viewBox: `0 0 ${w} ${h}` });
        this.drawing.prepend(svgElement('title', {}, title));
        return `${svgText(this.drawing)}\n`;
    }
}

const box = (x: number, y: number, width: number, height: number) => ({
    x: short(x),
    y: short(y),
    width: short(width),
    height: short(height),
});

const short = (value: number): number => Math.round(value * 100) / 100;
