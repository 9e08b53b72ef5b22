import { element, setAttributes } from '../../shared/dom';
import { type GridPlace, type Layout } from './layout';

let cells = 0;

/** The one cell of a grid that the document has: it says where the keyboard is, to those who hear the page. */
export class ActiveCell {
    private readonly cell = element('div', { role: 'gridcell', id: `cell-${++cells}` });
    readonly row = element('div', { role: 'row', class: 'offscreen' }, this.cell);

    /** Its id, for the grid that has the focus. */
    get id(): string {
        return this.cell.id;
    }

    /** Says a cell: where it is, whether its panel is pinned, and what it holds. */
    say(grid: Element, layout: Layout, place: GridPlace, pinned: boolean, words: string): void {
        setAttributes(grid, { 'aria-rowcount': layout.rows, 'aria-colcount': layout.columns });
        setAttributes(this.row, { 'aria-rowindex': place.row + 1 });
        setAttributes(this.cell, { 'aria-colindex': place.column + 1, 'aria-selected': String(pinned) });
        this.cell.textContent = words;
    }
}
