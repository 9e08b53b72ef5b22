import { element } from '../shared/dom';
import { fileButtons } from '../shared/file-buttons';
import { sentenceText } from '../shared/name-text';
import { numberText } from '../shared/number-text';
import type { Table } from '../shared/table';
import type { Sweep } from './data';

/** The tables of the sweep, whole. */
export const filesPart = ({ tables }: Sweep): HTMLElement =>
    fileButtons([tables.samples, tables.slopes, tables.summary, tables.curves, tables.cost, tables.extraction]);

/** How well the vectors that were made for the sweep separate their pairs; nothing where none were. */
export function extractionPart({ tables }: Sweep): HTMLElement[] {
    const table = tables.extraction;
    if (table.rows === 0) {
        return [];
    }
    const heads = table.columnNames;
    const rows = Array.from({ length: table.rows }, (_, row) =>
        element(
            'tr',
            {},
            ...heads.map((head) => element('td', { class: isText(head) ? null : 'number' }, cell(table, head, row))),
        ),
    );
    return [
        element(
            'section',
            { class: 'part wide', 'aria-label': 'Extraction' },
            element('div', { class: 'row heading' }, element('h2', {}, 'Extraction')),
            element(
                'p',
                { class: 'summary' },
                'The vectors that were made for this sweep: how far their pairs agree, and how well they separate pairs held out.',
            ),
            element(
                'div',
                { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Extraction, by hook point' },
                element(
                    'table',
                    { class: 'data' },
                    element(
                        'thead',
                        {},
                        element(
                            'tr',
                            {},
                            ...heads.map((head) =>
                                element(
                                    'th',
                                    { scope: 'col', class: isText(head) ? null : 'number' },
                                    head.replaceAll('_', ' '),
                                ),
                            ),
                        ),
                    ),
                    element('tbody', {}, ...rows),
                ),
            ),
        ),
    ];
}

const isText = (head: string): boolean => head === 'site' || head === 'warnings';

const cell = (table: Table, head: string, row: number): string =>
    isText(head) ? sentenceText(table.textOf(head)(row)) : numberText(table.numbers(head)[row] ?? NaN);
