import { button, element, setAttributes } from './dom';
import { nextSort, type Sort, sortRows } from './sorting';

/** A column of a table for the eye. */
export interface DataColumn<R> {
    readonly key: string;
    readonly head: string;
    readonly numeric: boolean;
    /** What the head means, where it is not plain. */
    readonly hint?: string;
    readonly text: (row: R) => string;
    /** What it is sorted by; NaN is undefined. */
    readonly value: (row: R) => number | string;
}

export interface DataTableOptions<R> {
    readonly caption: string;
    readonly columns: readonly DataColumn<R>[];
    readonly sorted: (sort: Sort) => void;
    /** Chooses a row, by a button in its first cell or a click; without it rows are only read. */
    readonly choose?: (row: R) => void;
    readonly rowClass?: (row: R) => string | null;
}

/** A table whose heads sort it, and whose rows can be chosen. */
export class DataTable<R> {
    readonly element: HTMLElement;
    private readonly body = element('tbody');
    private readonly heads: readonly HTMLTableCellElement[];
    private shown: readonly R[] = [];
    private sort: Sort | null = null;

    constructor(private readonly options: DataTableOptions<R>) {
        this.heads = options.columns.map((column) => this.head(column));
        this.element = element(
            'div',
            { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': options.caption },
            element(
                'table',
                { class: 'data' },
                element('caption', { class: 'offscreen' }, options.caption),
                element('thead', {}, element('tr', {}, ...this.heads)),
                this.body,
            ),
        );
        if (options.choose !== undefined) {
            this.body.addEventListener('click', (event) => this.clicked(event));
        }
    }

    /** The rows that are shown, in their order. */
    get rows(): readonly R[] {
        return this.shown;
    }

    /** Shows rows, sorted, one of them marked as chosen. */
    show(rows: readonly R[], sort: Sort | null, isChosen: (row: R) => boolean = () => false): void {
        const focused = this.focusedRow();
        const column = this.options.columns.find((candidate) => candidate.key === sort?.key);
        this.sort = sort;
        this.shown = column === undefined ? rows : sortRows(rows, column.value, sort?.descending === true);
        this.body.replaceChildren(...this.shown.map((row) => this.row(row, isChosen(row))));
        if (focused !== undefined) {
            this.body.rows[this.shown.indexOf(focused)]?.querySelector('button')?.focus();
        }
        this.options.columns.forEach(({ key }, index) => {
            const direction = sort?.descending === true ? 'descending' : 'ascending';
            setAttributes(this.heads[index] as Element, { 'aria-sort': key === sort?.key ? direction : null });
        });
    }

    private head({ key, head, numeric, hint }: DataColumn<R>): HTMLTableCellElement {
        const sorted = (): void => this.options.sorted(nextSort(this.sort, key, numeric));
        return element(
            'th',
            { scope: 'col', class: numeric ? 'number' : null, title: hint },
            button(head, sorted, { class: 'sort' }),
        );
    }

    private row(row: R, chosen: boolean): HTMLTableRowElement {
        const cells = this.options.columns.map(({ numeric, text }, index) => {
            const shown = text(row);
            const isButton = index === 0 && this.options.choose !== undefined;
            return element(
                index === 0 ? 'th' : 'td',
                { scope: index === 0 ? 'row' : null, class: numeric ? 'number' : null },
                isButton ? button(shown, () => undefined, { class: 'choice', 'aria-pressed': String(chosen) }) : shown,
            );
        });
        const name = this.options.rowClass?.(row) ?? null;
        return element('tr', { class: [chosen ? 'chosen' : null, name].filter(Boolean).join(' ') || null }, ...cells);
    }

    private clicked(event: Event): void {
        const line = event.target instanceof Element ? event.target.closest('tr') : null;
        const row = line === null ? undefined : this.shown[[...this.body.rows].indexOf(line)];
        if (row !== undefined) {
            this.options.choose?.(row);
        }
    }

    private focusedRow(): R | undefined {
        const line = document.activeElement?.closest('tr');
        return line === null || line === undefined ? undefined : this.shown[[...this.body.rows].indexOf(line)];
    }
}
