import { csvRow } from './csv';
import { doubleText, singleText } from './number-text';
import { type Run, type RunArray, RunError } from './run';

interface ColumnHeader {
    readonly name: string;
    readonly array: string;
    readonly texts: readonly string[] | null;
}

interface TableHeader {
    readonly rows: number;
    readonly columns: readonly ColumnHeader[];
}

/** A column of texts: the index of each row's text, −1 where it has none. */
export interface TextColumn {
    readonly indices: ArrayLike<number>;
    readonly texts: readonly string[];
}

/** A table of a run: the rows of one of the program's CSV files, column by column. */
export class Table {
    private constructor(
        readonly name: string,
        readonly rows: number,
        private readonly columns: readonly ColumnHeader[],
        private readonly arrays: ReadonlyMap<string, RunArray>,
    ) {}

    /** The table of that name. */
    static of(run: Run, name: string): Table {
        const header = run.header[name] as TableHeader | undefined;
        if (header === undefined) {
            throw new RunError(`The data of this file has no table '${name}'.`);
        }
        const { rows, columns } = header;
        const broken = columns.find((column) => run.arrays.get(column.array)?.length !== rows);
        if (broken !== undefined) {
            throw new RunError(`The column '${broken.name}' of the table '${name}' has not ${rows} rows.`);
        }
        return new Table(name, rows, columns, run.arrays);
    }

    /** The columns' names. */
    get columnNames(): string[] {
        return this.columns.map((column) => column.name);
    }

    /** The numbers of a column; NaN is undefined. */
    numbers(column: string): ArrayLike<number> {
        const { texts, array } = this.column(column);
        if (texts !== null) {
            throw new RunError(`The column '${column}' of the table '${this.name}' holds no numbers.`);
        }
        return this.arrays.get(array) ?? [];
    }

    /** A column of texts. */
    texts(column: string): TextColumn {
        const { texts, array } = this.column(column);
        if (texts === null && this.rows > 0) {
            throw new RunError(`The column '${column}' of the table '${this.name}' holds no texts.`);
        }
        return { indices: this.arrays.get(array) ?? [], texts: texts ?? [] };
    }

    /** Reads the texts of a column row by row; empty where undefined. */
    textOf(column: string): (row: number) => string {
        const { indices, texts } = this.texts(column);
        return (row) => texts[indices[row] ?? -1] ?? '';
    }

    /** Rows as CSV, as the program's file has them: the columns' names first. */
    csv(rows: Iterable<number> = this.allRows()): string {
        const fields = this.columns.map((column) => this.fieldOf(column));
        const lines = [csvRow(this.columnNames)];
        for (const row of rows) {
            lines.push(csvRow(fields.map((field) => field(row))));
        }
        return lines.join('');
    }

    private fieldOf({ array, texts }: ColumnHeader): (row: number) => string {
        const values = this.arrays.get(array) ?? [];
        if (texts !== null) {
            return (row) => texts[values[row] ?? -1] ?? '';
        }
        const text = values instanceof Float32Array ? singleText : doubleText;
        return (row) => text(values[row] ?? NaN);
    }

    private *allRows(): Iterable<number> {
        for (let row = 0; row < this.rows; row++) {
            yield row;
        }
    }

    private column(name: string): ColumnHeader {
        const column = this.columns.find((candidate) => candidate.name === name);
        if (column === undefined) {
            throw new RunError(`The table '${this.name}' has no column '${name}'.`);
        }
        return column;
    }
}
