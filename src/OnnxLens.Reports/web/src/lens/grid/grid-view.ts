import { element } from '../../shared/dom';
import { type CellPair } from '../model/cell-pair';
import { type LensRun } from '../model/lens-run';
import { steeredWords } from '../model/steering';
import { type Place } from '../model/view-state';
import { cellWords, runWords, shadeWords } from '../model/words';
import { type LensView } from '../view';
import { ActiveCell } from './active-cell';
import { GridInput, type InputTarget } from './grid-input';
import {
    gridHeight,
    type GridPlace,
    gridWidth,
    type Layout,
    layerRowAt,
    positionColumnAt,
    revealing,
    type Window,
} from './layout';
import { paintGrid } from './painter';
import { TextFitter } from './text-fitter';
import { Labels, RunScene } from './scene';
import { CanvasSurface } from './surface';

/** A pointer over a cell, for the tooltip. */
export type Hover = (place: Place | null, run: LensRun, x: number, y: number) => void;

/**
 * The grid of a run: a scrolled region with a canvas that stays in view and is painted within the frame of each scroll, and a
 * single cell of the document that says where the keyboard is.
 */
export class GridView implements InputTarget {
    readonly node: HTMLElement;
    readonly scroller: HTMLElement;
    private readonly canvas = element('canvas', { class: 'canvas', 'aria-hidden': 'true' });
    private readonly extent = element('div', { class: 'extent', role: 'presentation' }, this.canvas);
    private readonly activeCell = new ActiveCell();
    private readonly heading = element('h2', { class: 'grid-title' });
    private readonly fitter = new TextFitter();
    private readonly labels: Labels;
    private scene: RunScene;
    private hovered: GridPlace | null = null;
    private shownCursor = '';
    private readonly resized: ResizeObserver;

    constructor(
        private readonly view: LensView,
        readonly run: LensRun,
        private readonly hovers: Hover,
    ) {
        this.labels = new Labels(run);
        this.scene = new RunScene(view, run, this.labels, null);
        const input = new GridInput(view, this);
        this.scroller = element(
            'div',
            {
                class: 'grid',
                role: 'grid',
                tabindex: 0,
                'aria-label': `Top tokens by layer and position: ${runWords(run)}`,
                'aria-activedescendant': this.activeCell.id,
                onscroll: () => this.left(),
                onkeydown: (event: KeyboardEvent) => input.pressed(event),
                onpointermove: (event: PointerEvent) => input.pointed(event),
                onpointerleave: () => this.left(),
                onclick: (event: MouseEvent) => input.clicked(event),
            },
            this.extent,
            this.activeCell.row,
        );
        this.node = element('div', { class: 'grid-box' }, this.heading, this.scroller);
        this.resized = new ResizeObserver(() => this.paint());
        this.resized.observe(this.scroller);
    }

    /** Shows the view as it is now; scrolls to the cursor where it has moved. */
    update(): void {
        this.scene = new RunScene(this.view, this.run, this.labels, this.hovered);
        const { layout } = this.scene;
        this.extent.style.width = `${gridWidth(layout)}px`;
        this.extent.style.height = `${gridHeight(layout)}px`;
        // Borders, and the bar that scrolls sideways where there is one.
        const edges = this.scroller.offsetHeight - this.scroller.clientHeight;
        this.scroller.style.height = `${gridHeight(layout) + edges}px`;
        this.heading.textContent = this.view.runTitle(this.run);
        this.heading.hidden = this.view.second === null;
        this.describe();
        this.reveal();
        this.paint();
    }

    /** Scrolls to the cursor at the next update, wherever it was before. */
    forget(): void {
        this.shownCursor = '';
    }

    /** Watches nothing any longer: its run is not shown. */
    drop(): void {
        this.resized.disconnect();
        this.left();
    }

    /** What is seen now. */
    get window(): Window {
        const { scrollLeft: left, scrollTop: top, clientWidth: width, clientHeight: height } = this.scroller;
        return { left, top, width, height };
    }

    /** Scrolls as another grid does. */
    scrollTo(left: number, top: number): void {
        if (this.scroller.scrollLeft !== left || this.scroller.scrollTop !== top) {
            this.scroller.scrollTo({ left, top, behavior: 'instant' });
        }
    }

    get layout(): Layout {
        return this.scene.layout;
    }

    placeOf(place: Place): GridPlace | null {
        return this.scene.placeOf(place);
    }

    private paint(): void {
        const { clientWidth: width, clientHeight: height } = this.scroller;
        const context = this.canvas.getContext('2d', { alpha: false });
        if (context === null || width === 0 || height === 0) {
            return;
        }
        const [pixelWidth, pixelHeight] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
        if (this.canvas.width !== pixelWidth || this.canvas.height !== pixelHeight) {
            this.canvas.width = pixelWidth;
            this.canvas.height = pixelHeight;
            this.canvas.style.width = `${width}px`;
            this.canvas.style.height = `${height}px`;
        }
        context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
        paintGrid(new CanvasSurface(context), this.scene, this.window, this.fitter);
    }

    private describe(): void {
        const { cursor, pinned } = this.view.state;
        const place = this.scene.placeOf(cursor);
        const shade = place === null ? null : shadeWords(this.view.colouring, this.pairAt(place));
        const steered = steeredWords(this.run.steering, this.view.state.site, cursor);
        const words = cellWords(this.run, place === null ? -1 : this.cellAt(place), cursor, steered, shade);
        const isPinned = pinned?.layer === cursor.layer && pinned.position === cursor.position;
        this.activeCell.say(this.scroller, this.scene.layout, place ?? { row: 0, column: 0 }, isPinned, words);
    }

    private reveal(): void {
        const { cursor, zoom, transposed, stride } = this.view.state;
        const key = JSON.stringify([cursor, zoom, transposed, stride]);
        const place = this.scene.placeOf(cursor);
        if (key !== this.shownCursor && place !== null && this.scroller.clientWidth > 0) {
            this.shownCursor = key;
            const { left, top } = revealing(this.scene.layout, this.window, place);
            this.scrollTo(left, top);
        }
    }

    private pairAt(place: GridPlace): CellPair {
        const { layout } = this.scene;
        return this.view.pair(this.run, layerRowAt(layout, place), positionColumnAt(layout, place));
    }

    cellAt(place: GridPlace): number {
        return this.pairAt(place).cell;
    }

    numbersAt(place: GridPlace): Place {
        const { layout } = this.scene;
        const { layers, positions } = this.view.axes;
        return {
            layer: layers[layerRowAt(layout, place)] ?? 0,
            position: positions[positionColumnAt(layout, place)] ?? 0,
        };
    }

    hover(place: GridPlace | null, { clientX, clientY }: PointerEvent): void {
        if (place?.row !== this.hovered?.row || place?.column !== this.hovered?.column) {
            this.hovered = place;
            this.scene = new RunScene(this.view, this.run, this.labels, place);
            this.paint();
        }
        this.hovers(place === null ? null : this.numbersAt(place), this.run, clientX, clientY);
    }

    /** The pointer has left the cell that it was over, or the cell has scrolled away. */
    private left(): void {
        if (this.hovered !== null) {
            this.hovered = null;
            this.scene = new RunScene(this.view, this.run, this.labels, null);
            this.hovers(null, this.run, 0, 0);
        }
        this.paint();
    }
}
