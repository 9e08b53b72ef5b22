import AxeBuilder from '@axe-core/playwright';
import { names, sizeOf, urlOf } from './support/fixtures';
import { expect, test } from './support/test';

const MEGABYTE = 1_000_000;

for (const name of names) {
    test.describe(name, () => {
        test('opens without an error or a request, and runs no text of its data', async ({ page, open }) => {
            await open(name);
            await page.mouse.move(640, 400);
            await page.mouse.click(640, 400);
            await page.mouse.wheel(0, 600);
            for (const key of ['Tab', 'Tab', 'ArrowDown', 'ArrowRight', 'Enter', 'Escape']) {
                await page.keyboard.press(key);
            }
            await page.waitForTimeout(200);
            await expect(page.getByRole('alert')).toHaveCount(0);
            expect(await page.evaluate(() => 'canary' in globalThis)).toBe(false);
            expect(await page.locator('script:not([type])').count()).toBe(1);
            expect(await page.locator('iframe, object, embed, base, link, img[src^="http"]').count()).toBe(0);
        });

        for (const colorScheme of ['light', 'dark'] as const) {
            test(`has no serious accessibility finding, ${colorScheme}`, async ({ page, open }) => {
                // The check looks at every element: minutes on a long page and a busy machine.
                test.setTimeout(240_000);
                await page.emulateMedia({ colorScheme });
                await open(name);
                const { violations } = await new AxeBuilder({ page }).analyze();
                const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
                const findings = serious.flatMap(({ id, nodes }) =>
                    nodes.slice(0, 3).map(({ html }) => `${id}: ${html}`),
                );
                expect(findings).toEqual([]);
            });
        }

        test('says why it is empty where scripts are off', async ({ browser }) => {
            const context = await browser.newContext({ javaScriptEnabled: false });
            const page = await context.newPage();
            await page.goto(urlOf(name));
            await expect(page.locator('noscript')).toBeVisible();
            expect(await page.locator('noscript').textContent()).toContain('Allow scripts to see it.');
            await context.close();
        });
    });
}

for (const name of ['demo', 'small', 'sweep', 'drift', 'drift-equal']) {
    test(`${name} writes numbers in one form`, async ({ page, open }) => {
        await open(name);
        const text = (await page.locator('body').innerText()).replaceAll(/^.*(tokens?|texts?)\b.*$/gim, '');
        // A hyphen for a minus sign, and powers of ten as the tables have them.
        expect(text.match(/(?<![\w.-])-\d|\de[-+]\d|\dE[-+]?\d/g)).toBeNull();
    });
}

test('files are small', () => {
    expect(sizeOf('small')).toBeLessThan(MEGABYTE);
    expect(sizeOf('large')).toBeLessThan(60 * MEGABYTE);
});
