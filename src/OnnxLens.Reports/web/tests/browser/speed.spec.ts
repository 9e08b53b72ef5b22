import type { Page, TestInfo } from '@playwright/test';
import { blankShares, frameTimes, record, scrolled, type Scroller, scroller } from './support/frames';
import { ROUNDS, slowness } from './support/pace';
import { expect, test } from './support/test';

const LARGE = 'large';
const READY_MS = 2_000;
const STEPS = 40;

/** Tiles that may be of one colour beyond those that are when nothing moves: a cell can be shaded and have no text. */
const BLANK_TOLERANCE = 0.02;

test('1,500 tokens × 80 layers are interactive within two seconds', async ({ page, open }, info) => {
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
        await open(LARGE);
        times.push(await page.evaluate(() => performance.getEntriesByName('onnxlens-ready')[0]?.startTime ?? Infinity));
        await page.goto('about:blank');
    }
    report(info, `interactive after ${times.map((time) => time.toFixed(0)).join(', ')} ms`);
    expect(Math.min(...times)).toBeLessThan(READY_MS * (await slowness(page)));
});

test('the wheel shows no empty frame', async ({ page, open }, info) => {
    await open(LARGE);
    const grid = await scroller(page);
    const { area, axis } = grid;
    await page.mouse.move(area.x + area.width / 2, area.y + area.height / 2);
    await scrolls(page, info, grid, async () => {
        for (let i = 0; i < STEPS; i++) {
            const across = i % 4 === 3 ? 150 : 0;
            await page.mouse.wheel(axis === 'x' ? 700 : across, axis === 'x' ? across : 700);
            await page.waitForTimeout(16);
        }
    });
});

test('dragging the scroll bar shows no empty frame', async ({ page, open }, info) => {
    await open(LARGE);
    const grid = await scroller(page);
    const { area, axis } = grid;
    // The bar lies behind what can be seen of the content, and its thumb at its beginning.
    const at = (share: number): [number, number] =>
        axis === 'x'
            ? [area.x + 24 + share * (area.width - 80), area.y + area.height + 6]
            : [area.x + area.width + 6, area.y + 24 + share * (area.height - 80)];
    await page.mouse.move(...at(0));
    await scrolls(page, info, grid, async () => {
        await page.mouse.down();
        for (let i = 1; i <= STEPS; i++) {
            await page.mouse.move(...at(i / STEPS));
            await page.waitForTimeout(16);
        }
        await page.mouse.up();
    });
});

async function scrolls(page: Page, info: TestInfo, grid: Scroller, act: () => Promise<void>): Promise<void> {
    const atRest = await page.screenshot();
    const [limit = 0] = await blankShares(page.context(), [atRest.toString('base64')], grid.area);
    const before = await scrolled(page, grid);
    const times: number[] = [];
    const frames = await record(page, async () => {
        times.push(...(await frameTimes(page, act)));
    });
    expect(await scrolled(page, grid)).toBeGreaterThan(before + 1_000);
    const shares = await blankShares(page.context(), frames, grid.area);
    const sorted = times.toSorted((a, b) => a - b);
    const quantile = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
    const worst = Math.max(...shares);
    report(
        info,
        `${frames.length} pictures, blank at most ${(100 * worst).toFixed(1)} % of tiles (${(100 * limit).toFixed(1)} % at rest); ${times.length} frames, median ${quantile(0.5)} ms, 95 % ${quantile(0.95)} ms, most ${quantile(1)} ms`,
    );
    expect(frames.length).toBeGreaterThan(5);
    expect(worst).toBeLessThanOrEqual(limit + BLANK_TOLERANCE);
}

function report(info: TestInfo, text: string): void {
    info.annotations.push({ type: 'measured', description: text });
    console.log(`${info.title}: ${text}`);
}
