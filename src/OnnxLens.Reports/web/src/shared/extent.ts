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
    const margin = least === greatest ? Math.max(Math.abs(least) / 10, 1e-12) : (greatest - least) * room;
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

/** A mark of an axis: at most four digits, with a true minus sign. */
export const markText = (value: number): string =>
    (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e5)
        ? value.toExponential().replace('e+', 'e')
        : String(Number(value.toPrecision(6)))
    ).replaceAll('-', '−');
