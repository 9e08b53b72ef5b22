import { describe, expect, test } from 'vitest';
import { RunError } from '../../src/shared/run';
import { nextSort, readSort, sortRows, sortText } from '../../src/shared/sorting';
import { Table } from '../../src/shared/table';
import { tableRun } from './table-run';

const run = tableRun('sweep', { t: { name: ['a,"b"', null, 'c'], value: [0.1 + 0.2, NaN, 1e-7] } });

describe('Table', () => {
    test('gives CSV in the form of the program', () => {
        expect(Table.of(run, 't').csv()).toBe('name,value\n"a,""b""",0.30000000000000004\n,\nc,1E-07\n');
    });

    test('gives chosen rows in their order', () => {
        expect(Table.of(run, 't').csv([2, 0])).toBe('name,value\nc,1E-07\n"a,""b""",0.30000000000000004\n');
    });

    test('writes singles with as few digits as read back', () => {
        const single = { ...run, arrays: new Map(run.arrays).set('t.value', Float32Array.from([0.1, NaN, 2])) };
        expect(Table.of(single, 't').csv([0])).toBe('name,value\n"a,""b""",0.1\n');
    });

    test('refuses what is not there or does not fit', () => {
        const table = Table.of(run, 't');
        expect(() => Table.of(run, 'u')).toThrow(RunError);
        expect(() => table.numbers('none')).toThrow("no column 'none'");
        expect(() => table.numbers('name')).toThrow('holds no numbers');
        expect(() => table.texts('value')).toThrow('holds no texts');
        expect(() => Table.of({ ...run, arrays: new Map() }, 't')).toThrow('has not 3 rows');
    });
});

describe('sorting', () => {
    const rows = [3, NaN, 1, 2];

    test('puts undefined last in both directions', () => {
        expect(sortRows(rows, (row) => row, false)).toEqual([1, 2, 3, NaN]);
        expect(sortRows(rows, (row) => row, true)).toEqual([3, 2, 1, NaN]);
    });

    test('orders names by their numbers', () => {
        expect(sortRows(['row10', 'row9', 'a'], (row) => row, false)).toEqual(['a', 'row9', 'row10']);
    });

    test('keeps the order of equal rows', () => {
        const equal = [{ id: 1 }, { id: 2 }, { id: 3 }];
        expect(sortRows(equal, () => 0, true)).toEqual(equal);
    });

    test('is kept in the address', () => {
        expect(readSort(sortText({ key: 'slope', descending: true }), ['slope'])).toEqual({
            key: 'slope',
            descending: true,
        });
        expect(readSort('other', ['slope'])).toBeNull();
        expect(readSort(undefined, ['slope'])).toBeNull();
    });

    test('begins with the greatest number and the first name', () => {
        expect(nextSort(null, 'slope', true).descending).toBe(true);
        expect(nextSort(null, 'name', false).descending).toBe(false);
        expect(nextSort({ key: 'slope', descending: true }, 'slope', true).descending).toBe(false);
    });
});
