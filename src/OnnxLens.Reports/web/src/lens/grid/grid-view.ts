import { element, setAttributes } from '../../shared/dom';
import { type LensRun } from '../model/lens-run';
import { type Place } from '../model/view-state';
import { cellWords, runWords } from '../model/words';
import { type LensView } from '../view';
import { moved } from './keys';
import {
    gridHeight,
    type GridPlace,
    gridWidth,
    layerRowAt,
    placeAt,
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

let grids = 0;

/**
 * The grid of a run: a scrolled region with a canvas that stays in view and is painted within the frame of each scroll, and a
 * single cell of the document that says where the keyboard is.
 */
export class GridView {
    readonly node: HTMLElement;
    readonly scroller: HTMLElement;
    private readonly canvas = element('canvas', { class: 'canvas', 'aria-hidden': 'true' });
    private readonly extent = element('div', { class: 'extent', role: 'presentation' }, this.canvas);
    private readonly activeCell = element('div', { role: 'gridcell', id: `cell-${++grids}` });
    private readonly activeRow = element('div', { role: 'row', class: 'offscreen' }, this.activeCell);
    private readonly fitter = new TextFitter();
    private readonly labels: Labels;
    private scene: RunScene;
    private hovered: GridPlace | null = null;
    private shownCursor = '';

    constructor(
        private readonly view: LensView,
        readonly run: LensRun,
        private readonly hover: Hover,
    ) {
        this.labels = new Labels(run);
        this.scene = new RunScene(view, run, this.labels, null);
        this.scroller = element(
            'div',
            {
                class: 'grid',
                role: 'grid',
                tabindex: 0,
                'aria-label': `Top tokens by layer and position: ${runWords(run)}`,
                'aria-activedescendant': this.activeCell.id,
                onscroll: () => this.paint(),
                onkeydown: (event: KeyboardEvent) => this.pressed(event),
                onpointermove: (event: PointerEvent) => this.pointed(event),
                onpointerleave: () => this.left(),
                onclick: (event: MouseEvent) => this.clicked(event),
            },
            this.extent,
            this.activeRow,
        );
        this.node = element('div', { class: 'grid-box' }, this.scroller);
        new ResizeObserver(() => this.paint()).observe(this.scroller);
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
        this.describe();
        this.reveal();
        this.paint();
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
        const { layout } = this.scene;
        setAttributes(this.scroller, { 'aria-rowcount': layout.rows, 'aria-colcount': layout.columns });
        setAttributes(this.activeRow, { 'aria-rowindex': (place?.row ?? 0) + 1 });
        setAttributes(this.activeCell, {
            'aria-colindex': (place?.column ?? 0) + 1,
            'aria-selected':
                pinned !== null && pinned.layer === cursor.layer && pinned.position === cursor.position
                    ? 'true'
                    : 'false',
        });
        const cell = place === null ? -1 : this.cellAt(place);
        this.activeCell.textContent = cellWords(this.run, cell, cursor);
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

    private cellAt(place: GridPlace): number {
        const { layout } = this.scene;
        return this.view.pair(this.run, layerRowAt(layout, place), positionColumnAt(layout, place)).cell;
    }

    /** The numbers of a place. */
    private numbersAt(place: GridPlace): Place {
        const { layout } = this.scene;
        const { layers, positions } = this.view.axes;
        return {
            layer: layers[layerRowAt(layout, place)] ?? 0,
            position: positions[positionColumnAt(layout, place)] ?? 0,
        };
    }

    private pressed(event: KeyboardEvent): void {
        const from = this.scene.placeOf(this.view.state.cursor) ?? { row: 0, column: 0 };
        const { layout } = this.scene;
        const { width, height } = this.window;
        const page = {
            rows: Math.max(1, Math.floor((height - layout.headerHeight) / layout.cellHeight) - 1),
            columns: Math.max(1, Math.floor((width - layout.headerWidth) / layout.cellWidth) - 1),
        };
        const to = event.altKey || event.metaKey ? null : moved(event.key, event.ctrlKey, from, layout, page);
        if (to !== null) {
            this.view.set({ cursor: this.numbersAt(to) });
        } else if (event.key === 'Enter' || event.key === ' ') {
            this.togglePinned(this.view.state.cursor);
        } else {
            return;
        }
        event.preventDefault();
    }

    private pointed(event: PointerEvent): void {
        const place = event.pointerType === 'touch' ? null : this.under(event);
        if (place?.row !== this.hovered?.row || place?.column !== this.hovered?.column) {
            this.hovered = place;
            this.scene = new RunScene(this.view, this.run, this.labels, place);
            this.paint();
        }
        this.hover(place === null ? null : this.numbersAt(place), this.run, event.clientX, event.clientY);
    }

    private left(): void {
        this.hovered = null;
        this.scene = new RunScene(this.view, this.run, this.labels, null);
        this.paint();
        this.hover(null, this.run, 0, 0);
    }

    private clicked(event: MouseEvent): void {
        const place = this.under(event);
        if (place !== null) {
            this.view.set({ cursor: this.numbersAt(place) });
            this.togglePinned(this.numbersAt(place));
        }
    }

    private togglePinned(place: Place): void {
        const { pinned } = this.view.state;
        const isPinned = pinned !== null && pinned.layer === place.layer && pinned.position === place.position;
        this.view.set({ pinned: isPinned ? null : place });
    }

    /** The cell under a pointer; null on headers and beyond the cells. */
    private under(event: MouseEvent): GridPlace | null {
        const { left, top } = this.scroller.getBoundingClientRect();
        const { clientLeft, clientTop } = this.scroller;
        const place = placeAt(
            this.scene.layout,
            this.window,
            event.clientX - left - clientLeft,
            event.clientY - top - clientTop,
        );
        return place === null || place.row < 0 || place.column < 0 || this.cellAt(place) < 0 ? null : place;
    }
}
