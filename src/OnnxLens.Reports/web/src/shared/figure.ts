import { chartKey, type KeyEntry } from './chart-key';
import { CSV_TYPE } from './csv';
import { button, element, setAttributes } from './dom';
import { fileNamePart, saveFile } from './download';
import type { Palette } from './palette';
import { pictureText } from './picture';
import { savePng, saveSvg } from './svg-file';

/** A drawing with its key, and in words what it shows. Its accessible name is the title of a saved picture. */
export interface Drawing {
    readonly svg: SVGSVGElement;
    readonly key: readonly KeyEntry[];
    readonly summary: string;
}

export interface FigureOptions {
    readonly title: string;
    /** The name of saved files, without an ending. */
    readonly fileName: () => string;
    /** The rows that are drawn, as the program's file has them. */
    readonly csv: () => string;
    readonly colours: () => Palette;
    /** Where the numbers came from, in a line of a saved picture. */
    readonly provenance: string;
    readonly controls?: readonly Node[];
}

const LEAST_WIDTH = 280;

/** A section with a heading, a drawing as wide as there is room, and buttons that save what is drawn. */
export class Figure {
    readonly element: HTMLElement;
    private readonly body = element('div', { class: 'figure-body' });
    private readonly key = element('div');
    private readonly words = element('p', { class: 'summary' });
    private readonly saves: HTMLElement;
    private readonly failed = element('span', { role: 'status', class: 'muted' });
    private drawing: Drawing | null = null;

    constructor(private readonly options: FigureOptions) {
        this.saves = element(
            'div',
            { class: 'row saves', role: 'group', 'aria-label': `Save: ${options.title}` },
            button('CSV', () => this.save('csv')),
            button('SVG', () => this.save('svg')),
            button('PNG', () => this.save('png')),
            this.failed,
        );
        this.element = element(
            'section',
            { class: 'figure', 'aria-label': options.title },
            element(
                'div',
                { class: 'row heading' },
                element('h2', {}, options.title),
                ...(options.controls ?? []),
                this.saves,
            ),
            this.words,
            this.body,
            this.key,
        );
    }

    /** The width that a drawing can have, in CSS pixels. */
    get width(): number {
        return Math.max(LEAST_WIDTH, Math.floor(this.element.clientWidth));
    }

    /** Lets a drawing that is wider than its place be scrolled, and gives it the focus; returns what is scrolled. */
    scrolled(label: string): HTMLElement {
        setAttributes(this.body, { tabindex: 0, role: 'region', 'aria-label': label });
        this.body.classList.add('scrolled');
        return this.body;
    }

    /** Shows a drawing in place of the last one. */
    show(drawing: Drawing): void {
        this.drawing = drawing;
        this.words.textContent = drawing.summary;
        this.body.replaceChildren(drawing.svg);
        this.key.replaceChildren(...(drawing.key.length === 0 ? [] : [chartKey(drawing.key)]));
        this.saves.hidden = false;
    }

    /** Says why there is nothing to draw. */
    say(reason: string): void {
        this.drawing = null;
        this.words.textContent = reason;
        this.body.replaceChildren();
        this.key.replaceChildren();
        this.saves.hidden = true;
    }

    private save(form: 'csv' | 'svg' | 'png'): void {
        const name = `${fileNamePart(this.options.fileName())}.${form}`;
        this.failed.textContent = '';
        if (form === 'csv') {
            saveFile(name, new Blob([this.options.csv()], { type: CSV_TYPE }));
        } else if (this.drawing !== null) {
            const text = this.picture(this.drawing);
            if (form === 'svg') {
                saveSvg(name, text);
            } else {
                savePng(name, text).catch((failure: unknown) => {
                    this.failed.textContent = `The picture could not be made: ${String(failure)}`;
                });
            }
        }
    }

    private picture({ svg, key }: Drawing): string {
        const { title, provenance, colours } = this.options;
        return pictureText(svg, {
            title: svg.getAttribute('aria-label') ?? title,
            key,
            provenance,
            colours: colours(),
        });
    }
}
