import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { fileOf } from './fixtures';

/** A file that the page gives when something is done. */
export async function saved(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
    const download = page.waitForEvent('download');
    await act();
    const file = await download;
    return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

/** Lines of a table that the program wrote, those alone that a test lets through; the first names the columns. */
export async function tableLines(name: string, keep: (line: string) => boolean = () => true): Promise<string[]> {
    const [head = '', ...lines] = (await readFile(fileOf(name), 'utf8')).trimEnd().split('\n');
    return [head, ...lines.filter(keep)];
}

/** The lines of a saved table. */
export const linesOf = (bytes: Buffer): string[] => bytes.toString('utf8').trimEnd().split('\n');

/** The first bytes of a PNG file. */
export const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
