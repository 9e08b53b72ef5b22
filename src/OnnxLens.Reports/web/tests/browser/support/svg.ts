import type { Page } from '@playwright/test';
import { expect } from './test';

/** What a page must find in a drawing that it saved: that it is XML, and that nothing in it acts. */
export async function expectHarmless(page: Page, svg: string): Promise<void> {
    const found = await page.evaluate((source) => {
        const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
        const elements = [...parsed.querySelectorAll('*')];
        return {
            root: parsed.documentElement.localName,
            names: elements.map((element) => element.localName),
            handlers: elements.flatMap((element) =>
                element.getAttributeNames().filter((name) => name.startsWith('on') || name === 'href'),
            ),
        };
    }, svg);
    expect(found.root).toBe('svg');
    expect(found.names).not.toContain('parsererror');
    expect(found.names).not.toContain('script');
    expect(found.names).not.toContain('foreignObject');
    expect(found.handlers).toEqual([]);
    expect(svg).not.toContain('var(');
    expect(svg).not.toMatch(/[\uFFFE\uFFFF]/);
}
