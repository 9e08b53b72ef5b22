import { setAttributes, svgElement } from '../../shared/dom';

/** What a grid is painted on: a canvas, or the text of an SVG file. */
export interface Surface {
    rect(x: number, y: number, width: number, height: number, fill: string): void;
    /** An outline within the rectangle. */
    outline(x: number, y: number, width: number, height: number, stroke: string, thickness: number): void;
    /** A closed shape; null is no fill, or no outline. */
    polygon(corners: readonly (readonly [x: number, y: number])[], fill: string | null, stroke: string | null): void;
    text(text: string, x: number, y: number, style: TextStyle): void;
    /** Keeps what `paint` draws within a rectangle. */
    clipped(x: number, y: number, width: number, height: number, paint: () => void): void;
    /** Moves what `paint` draws to the right and down. */
    moved(x: number, y: number, paint: () => void): void;
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

    polygon(corners: readonly (readonly [number, number])[], fill: string | null, stroke: string | null): void {
        this.context.beginPath();
        corners.forEach(([x, y]) => this.context.lineTo(x, y));
        this.context.closePath();
        if (fill !== null) {
            this.context.fillStyle = fill;
            this.context.fill();
        }
        if (stroke !== null) {
            this.context.strokeStyle = stroke;
            this.context.lineWidth = 1;
            this.context.stroke();
        }
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
        this.apart(() => {
            this.context.beginPath();
            this.context.rect(x, y, width, height);
            this.context.clip();
            paint();
        });
    }

    moved(x: number, y: number, paint: () => void): void {
        this.apart(() => {
            this.context.translate(x, y);
            paint();
        });
    }

    widthOf(text: string, size: number): number {
        this.setFont(`${size}px ${MONO}`);
        return this.context.measureText(text).width;
    }

    private apart(paint: () => void): void {
        this.context.save();
        this.font = '';
        paint();
        this.context.restore();
        this.font = '';
    }

    // Setting a font is slow even where it is the same.
    private setFont(font: string): void {
        if (font !== this.font) {
            this.context.font = font;
            this.font = font;
        }
    }
}

/** Draws an SVG: shapes and texts alone. */
export class SvgSurface implements Surface {
    private readonly clips = svgElement('defs');
    private readonly drawing = svgElement('svg', { 'font-family': MONO }, this.clips);
    private target: SVGElement = this.drawing;

    /** Drawings of one document need names of their own for what they refer to. */
    constructor(
        private readonly measure: (text: string, size: number) => number,
        private readonly name = 'clip',
    ) {}

    rect(x: number, y: number, width: number, height: number, fill: string): void {
        this.target.append(svgElement('rect', { ...box(x, y, width, height), fill }));
    }

    outline(x: number, y: number, width: number, height: number, stroke: string, thickness: number): void {
        const inner = box(x + thickness / 2, y + thickness / 2, width - thickness, height - thickness);
        this.target.append(svgElement('rect', { ...inner, fill: 'none', stroke, 'stroke-width': thickness }));
    }

    polygon(corners: readonly (readonly [number, number])[], fill: string | null, stroke: string | null): void {
        const points = corners.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
        this.target.append(svgElement('polygon', { points, fill: fill ?? 'none', stroke }));
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
        const id = `${this.name}${this.clips.childElementCount}`;
        this.clips.append(svgElement('clipPath', { id }, svgElement('rect', box(x, y, width, height))));
        this.within(svgElement('g', { 'clip-path': `url(#${id})` }), paint);
    }

    moved(x: number, y: number, paint: () => void): void {
        this.within(svgElement('g', { transform: `translate(${short(x)},${short(y)})` }), paint);
    }

    widthOf(text: string, size: number): number {
        return this.measure(text, size);
    }

    /** The drawing, with its size and title. */
    finished(width: number, height: number, title: string): SVGSVGElement {
        const [w, h] = [short(width), short(height)];
        setAttributes(this.drawing, { width: w, height: h, viewBox: `0 0 ${w} ${h}` });
        this.drawing.prepend(svgElement('title', {}, title));
        return this.drawing;
    }

    private within(group: SVGElement, paint: () => void): void {
        const outer = this.target;
        outer.append(group);
        this.target = group;
        paint();
        this.target = outer;
    }
}

const box = (x: number, y: number, width: number, height: number) => ({
    x: short(x),
    y: short(y),
    width: short(width),
    height: short(height),
});

const short = (value: number): number => Math.round(value * 100) / 100;
