import { expect, test } from '@playwright/test';
import { urlOf } from './support/fixtures';
import { Guard } from './support/guard';

/** What a page must never do, and what the guard says of it. */
const breaches: readonly [string, () => void, RegExp][] = [
    ['an error', () => void Promise.reject(new Error('boom')), /^error: boom/],
    ['a message in the console', () => console.warn('careful'), /^console warning: careful/],
    [
        'a script that is not the page’s own',
        () => {
            const script = document.createElement('script');
            script.textContent = '1';
            document.body.append(script);
        },
        /^console error: policy: script-src/,
    ],
    ['a style attribute', () => document.body.setAttribute('style', 'color: red'), /^console error: policy: style-src/],
    ['a request', () => void fetch('https://example.invalid/').catch(() => 0), /^console error: policy: connect-src/],
    ['another address', () => location.assign('https://example.invalid/'), /^request: https:\/\/example\.invalid/],
];

for (const [what, breach, problem] of breaches) {
    test(`the guard notices ${what}`, async ({ page }) => {
        const guard = await Guard.watch(page);
        guard.allow(urlOf('small'));
        await page.goto(urlOf('small'));
        expect(guard.problems).toEqual([]);
        await page.evaluate(breach);
        await expect.poll(() => guard.problems).toContainEqual(expect.stringMatching(problem));
    });
}
