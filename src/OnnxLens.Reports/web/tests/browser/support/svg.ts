import type { Locator, Page } from '@playwright/test';
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

/** What a saved drawing holds: its texts from top to bottom, colours of its lines, and how many rectangles there are. */
export async function pictureOf(
    page: Page,
    svg: string,
): Promise<{ texts: string[]; strokes: string[]; rects: number }> {
    return page.evaluate((source) => {
        const parsed = new DOMParser().parseFromString(source, 'image/svg+xml');
        return {
            texts: [...parsed.querySelectorAll('text')].map((text) => text.textContent),
            strokes: [...parsed.querySelectorAll('*')].map((shape) => shape.getAttribute('stroke') ?? 'none'),
            rects: parsed.querySelectorAll('rect').length,
        };
    }, svg);
}

/** That a picture says alone what it shows: its title, every entry of the figure's key, and where it came from. */
export async function expectWholePicture(page: Page, figure: Locator, svg: string): Promise<void> {
    const { texts } = await pictureOf(page, svg);
    const all = texts.join(' ');
    const title = (await figure.locator('.figure-body > svg').getAttribute('aria-label')) ?? '';
    expect(title).not.toBe('');
    expect(all.startsWith(title)).toBe(true);
    const key = await figure.locator('.chart-key li > span').allTextContents();
    expect(key.length).toBeGreaterThan(0);
    for (const entry of key) {
        expect(all).toContain(entry);
    }
    expect(all).toMatch(/bundle \w{8}, .*; onnxlens \d+\.\d+\.\d+$/);
}
