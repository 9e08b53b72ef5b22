import { expect, test as plain } from '@playwright/test';
import { urlOf } from './fixtures';
import { Guard } from './guard';

export { expect };

interface Pages {
    /** Opens a page by its name, with a fragment where one is given, and waits until it is interactive. */
    open: (name: string, fragment?: string) => Promise<void>;
    guard: Guard;
}

/** A test with a page that fails where the page does what it must never do. */
export const test = plain.extend<Pages>({
    guard: async ({ page }, use) => {
        const guard = await Guard.watch(page);
        await use(guard);
        expect(guard.problems).toEqual([]);
    },
    open: async ({ page, guard }, use) => {
        await use(async (name, fragment = '') => {
            guard.allow(urlOf(name));
            await page.goto(urlOf(name) + fragment);
            await expect(page.locator('html')).toHaveAttribute('data-ready', 'true', { timeout: 30_000 });
        });
    },
});
