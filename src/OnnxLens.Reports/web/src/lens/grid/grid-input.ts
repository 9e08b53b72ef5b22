import { type Place } from '../model/view-state';
import { type LensView } from '../view';
import { moved } from './keys';
import { type GridPlace, type Layout, placeAt, type Window } from './layout';

/** A grid as keys and pointers meet it. */
export interface InputTarget {
    readonly scroller: HTMLElement;
    readonly layout: Layout;
    /** What is seen now. */
    readonly window: Window;
    /** Where a cell lies; null where the grid leaves it out. */
    placeOf(place: Place): GridPlace | null;
    /** The numbers of a place. */
    numbersAt(place: GridPlace): Place;
    /** The cell of a place; −1 where there is none. */
    cellAt(place: GridPlace): number;
    /** A pointer is over a cell, or over none. */
    hover(place: GridPlace | null, event: PointerEvent): void;
}

/** What keys and pointers do in a grid: they move the cursor and pin cells. */
export class GridInput {
    constructor(
        private readonly view: LensView,
        private readonly grid: InputTarget,
    ) {}

    pressed(event: KeyboardEvent): void {
        const { cursor } = this.view.state;
        const { layout, window } = this.grid;
        const from = this.grid.placeOf(cursor) ?? { row: 0, column: 0 };
        const page = {
            rows: Math.max(1, Math.floor((window.height - layout.headerHeight) / layout.cellHeight) - 1),
            columns: Math.max(1, Math.floor((window.width - layout.headerWidth) / layout.cellWidth) - 1),
        };
        const to = event.altKey || event.metaKey ? null : moved(event.key, event.ctrlKey, from, layout, page);
        if (to !== null) {
            this.view.set({ cursor: this.grid.numbersAt(to) });
        } else if (event.key === 'Enter' || event.key === ' ') {
            this.togglePinned(cursor);
        } else {
            return;
        }
        event.preventDefault();
    }

    pointed(event: PointerEvent): void {
        this.grid.hover(event.pointerType === 'touch' ? null : this.under(event), event);
    }

    clicked(event: MouseEvent): void {
        const place = this.under(event);
        if (place !== null) {
            const numbers = this.grid.numbersAt(place);
            this.view.set({ cursor: numbers });
            this.togglePinned(numbers);
        }
    }

    private togglePinned(place: Place): void {
        const { pinned } = this.view.state;
        const isPinned = pinned !== null && pinned.layer === place.layer && pinned.position === place.position;
        this.view.set({ pinned: isPinned ? null : place });
    }

    /** The cell under a pointer; null on headers and beyond the cells. */
    private under(event: MouseEvent): GridPlace | null {
        const { scroller, layout, window } = this.grid;
        const { left, top } = scroller.getBoundingClientRect();
        const { clientLeft, clientTop } = scroller;
        const place = placeAt(layout, window, event.clientX - left - clientLeft, event.clientY - top - clientTop);
        return place === null || place.row < 0 || place.column < 0 || this.grid.cellAt(place) < 0 ? null : place;
    }
}
