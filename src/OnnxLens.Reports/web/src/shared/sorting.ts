/** What a table is sorted by. */
export interface Sort {
    readonly key: string;
    readonly descending: boolean;
}

/** A sort as the address has it: `slope` or `-slope`. */
export const sortText = ({ key, descending }: Sort): string => (descending ? `-${key}` : key);

/** Reads it; null where the key is none of those there are. */
export function readSort(text: string | undefined, keys: readonly string[]): Sort | null {
    const descending = text?.startsWith('-') === true;
    const key = descending ? text.slice(1) : text;
    return key !== undefined && keys.includes(key) ? { key, descending } : null;
}

/** What a press on a column's head does: numbers begin with the greatest, names with the first. */
export const nextSort = (sort: Sort | null, key: string, numeric: boolean): Sort =>
    sort?.key === key ? { key, descending: !sort.descending } : { key, descending: numeric };

/** Rows by a value; equal ones keep their order, undefined ones come last whatever the direction. */
export function sortRows<R>(rows: readonly R[], value: (row: R) => number | string, descending: boolean): R[] {
    return [...rows].sort((a, b) => compare(value(a), value(b), descending));
}

const NAMES = new Intl.Collator('en', { numeric: true });

function compare(a: number | string, b: number | string, descending: boolean): number {
    const [lostA, lostB] = [Number.isNaN(a), Number.isNaN(b)];
    if (lostA || lostB) {
        return Number(lostA) - Number(lostB);
    }
    const order = typeof a === 'number' && typeof b === 'number' ? sign(a, b) : NAMES.compare(String(a), String(b));
    return descending ? -order : order;
}

// Differences of infinities are no numbers.
const sign = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
