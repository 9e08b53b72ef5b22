import { type DataColumn } from './data-table';
import { type HookPoint, pointText, SITES } from './hook-points';
import { nameText } from './name-text';
import { numberText } from './number-text';

/** How a column of numbers is shown: by `numberText` where nothing is said, and what its head means, where it is not plain. */
export interface NumberForm {
    readonly text?: (value: number) => string;
    readonly hint?: string;
}

/** A column of numbers. */
export const numberColumn = <R>(
    key: string,
    head: string,
    value: (row: R) => number,
    { text = numberText, hint }: NumberForm = {},
): DataColumn<R> => ({
    key,
    head,
    numeric: true,
    ...(hint === undefined ? {} : { hint }),
    text: (row) => text(value(row)),
    value,
});

/** A column of names. */
export const nameColumn = <R>(key: string, head: string, value: (row: R) => string): DataColumn<R> => ({
    key,
    head,
    numeric: false,
    text: (row) => nameText(value(row)),
    value,
});

/** The column of hook points, in the order of a forward pass. */
export const pointColumn = <R extends HookPoint>(): DataColumn<R> => ({
    key: 'point',
    head: 'point',
    numeric: false,
    text: pointText,
    value: ({ site, layer }) => layer * SITES.length + (SITES as readonly string[]).indexOf(site),
});
