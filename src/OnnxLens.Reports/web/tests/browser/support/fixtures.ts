import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The folder of the pages that tools/OnnxLens.PageFixtures wrote. */
export const folder = path.resolve(required('ONNXLENS_PAGES'));

/** Names of all pages, without their ending. */
export const names: readonly string[] = readdirSync(folder)
    .filter((file) => file.endsWith('.html'))
    .map((file) => path.basename(file, '.html'))
    .sort();

/** The path of a page, or of a table beside it. */
export const fileOf = (name: string): string => path.join(folder, name);

/** The address of a page. */
export const urlOf = (name: string): string => pathToFileURL(fileOf(`${name}.html`)).href;

/** Bytes of a page. */
export const sizeOf = (name: string): number => statSync(fileOf(`${name}.html`)).size;

function required(variable: string): string {
    const value = process.env[variable];
    if (value === undefined || value === '') {
        throw new Error(
            `${variable} is not set. Make the pages with 'dotnet run -c Release --project tools/OnnxLens.PageFixtures -- DIR' and set it to DIR.`,
        );
    }
    return value;
}
