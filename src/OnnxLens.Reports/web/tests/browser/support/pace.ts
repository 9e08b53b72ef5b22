import type { Page } from '@playwright/test';

/** How often a time is taken whose least counts: a machine that others use too is seldom free, and the first round reads from the disk. */
export const ROUNDS = 5;

/** What the work of `slowness` takes on the machine that the bounds are meant for. */
const REFERENCE_MS = 115;

/**
 * How many times slower than that machine this one is at present, at least 1: the browser parses a document and a script runs over its text, as when
 * a page is opened. Bounds in milliseconds are multiplied by it, so that a slow hour of a shared machine is not told as a slow page.
 */
export async function slowness(page: Page): Promise<number> {
    await page.goto('about:blank');
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
        times.push(
            await page.evaluate(() => {
                const text = 'H4sIAAAA'.repeat(500_000);
                const start = performance.now();
                const parsed = new DOMParser().parseFromString(`<script type="text">${text}</script>`, 'text/html');
                const read = parsed.querySelector('script')?.textContent ?? '';
                const bytes = new Uint8Array(read.length);
                for (let i = 0; i < bytes.length; i++) {
                    bytes[i] = read.charCodeAt(i);
                }
                return performance.now() - start;
            }),
        );
    }
    return Math.max(1, Math.min(...times) / REFERENCE_MS);
}
