import { expect, test } from 'vitest';
import { Memo } from '../../../src/lens/model/memo';

test('a memo makes its value anew where something of it has changed, and only there', () => {
    const memo = new Memo<number>();
    let made = 0;
    const get = (...of: unknown[]): number => memo.get(of, () => ++made);
    expect([get('a', 1), get('a', 1), get('a', 2), get('a', 2), get('a'), get('a', 1)]).toEqual([1, 1, 2, 2, 3, 4]);
});
