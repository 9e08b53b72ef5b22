import { CSV_TYPE } from './csv';
import { button, element } from './dom';
import { saveFile } from './download';
import type { Table } from './table';

/** Buttons that save tables whole, under the names of the program's files. */
export function fileButtons(tables: readonly Table[]): HTMLElement {
    const held = tables.filter((table) => table.rows > 0);
    return element(
        'section',
        { class: 'part wide', 'aria-label': 'Tables' },
        element('div', { class: 'row heading' }, element('h2', {}, 'Tables')),
        element('p', { class: 'summary' }, 'Whole, with the rows and numbers of the program’s own files.'),
        element(
            'p',
            { class: 'row' },
            ...held.map((table) =>
                button(`${table.name}.csv, ${table.rows} rows`, () =>
                    saveFile(`${table.name}.csv`, new Blob([table.csv()], { type: CSV_TYPE })),
                ),
            ),
        ),
    );
}
