/** Tables as CSV in the form of the program's own files: RFC 4180 quoting and `\n` after each row. */

/** A field, in quotes where it has to be. */
export function csvField(text: string): string {
    return /[",\r\n]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A row with its line feed. */
export const csvRow = (fields: readonly string[]): string => `${fields.map(csvField).join(',')}\n`;

/** The type of a CSV file. */
export const CSV_TYPE = 'text/csv;charset=utf-8';
