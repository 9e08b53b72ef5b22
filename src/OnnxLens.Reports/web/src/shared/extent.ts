import { numberText } from './number-text';

/** The least and the greatest of the finite numbers, with room around them; around one number alone, and 0 … 1 without any. */
export function extent(values: Iterable<number>, room = 0.04): [number, number] {
    let [least, greatest] = [Infinity, -Infinity];
    for (const value of values) {
        if (Number.isFinite(value)) {
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
        }
    }
    if (least > greatest) {
        return [0, 1];
    }
    const margin = least === greatest ? Math.abs(least) / 10 || 1 : (greatest - least) * room;
    return [least - margin, greatest + margin];
}

/** So many whole numbers of a range at most, evenly spaced, for the marks of an axis. */
export function wholeMarks(first: number, last: number, most: number): number[] {
    const step = Math.max(1, Math.ceil((last - first + 1) / most));
    const marks: number[] = [];
    for (let mark = Math.ceil(first / step) * step; mark <= last; mark += step) {
        marks.push(mark);
    }
    return marks;
}

/** A mark of an axis: as near as neighbouring marks need. */
export const markText = (value: number): string => numberText(value, 6);
