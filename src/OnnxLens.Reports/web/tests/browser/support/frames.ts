import type { BrowserContext, CDPSession, Page } from '@playwright/test';

/** A rectangle of the page, in CSS pixels. */
export interface Area {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
}

/** The element that scrolls farthest, along its longer way. */
export interface Scroller {
    /** Where its content can be seen. */
    readonly area: Area;
    readonly axis: 'x' | 'y';
}

/** Finds it, and brings it to its beginning. */
export async function scroller(page: Page): Promise<Scroller> {
    const found = await page.evaluate(() => {
        const hidden = (element: Element, axis: 'x' | 'y'): number => {
            const { overflowX, overflowY } = getComputedStyle(element);
            const scrolls = /auto|scroll/.test(axis === 'x' ? overflowX : overflowY);
            const length =
                axis === 'x' ? element.scrollWidth - element.clientWidth : element.scrollHeight - element.clientHeight;
            return scrolls || element === document.scrollingElement ? length : 0;
        };
        const ways = [...document.querySelectorAll('*')].flatMap((element) =>
            (['x', 'y'] as const).map((axis) => ({ element, axis, length: hidden(element, axis) })),
        );
        const [longest] = ways.sort((a, b) => b.length - a.length);
        if (longest === undefined || longest.length < 1_000) throw new Error('Nothing scrolls in this page.');
        const { element, axis } = longest;
        element.setAttribute('data-test-scroller', '');
        element.scrollTo(0, 0);
        const box = element.getBoundingClientRect();
        const area = {
            x: box.x + element.clientLeft,
            y: box.y + element.clientTop,
            width: element.clientWidth,
            height: element.clientHeight,
        };
        return { area, axis };
    });
    await page.waitForTimeout(200);
    return found;
}

/** How far it is scrolled, in CSS pixels. */
export async function scrolled(page: Page, { axis }: Scroller): Promise<number> {
    return page.evaluate((axis) => {
        const element = document.querySelector('[data-test-scroller]');
        return (axis === 'x' ? element?.scrollLeft : element?.scrollTop) ?? 0;
    }, axis);
}

/** Frames as the browser showed them, while something is done. */
export async function record(page: Page, act: () => Promise<void>): Promise<string[]> {
    const frames: string[] = [];
    const session: CDPSession = await page.context().newCDPSession(page);
    session.on('Page.screencastFrame', ({ data, sessionId }) => {
        frames.push(data);
        void session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
    });
    await session.send('Page.startScreencast', { format: 'png', everyNthFrame: 1 });
    await act();
    await session.send('Page.stopScreencast');
    await session.detach();
    return frames;
}

/** Milliseconds from each frame to the next, while something is done. */
export async function frameTimes(page: Page, act: () => Promise<void>): Promise<number[]> {
    await page.evaluate(() => {
        const times: number[] = [];
        Object.assign(globalThis, { frameTimes: times });
        const note = (time: number): void => {
            times.push(time);
            if ('frameTimes' in globalThis) requestAnimationFrame(note);
        };
        requestAnimationFrame(note);
    });
    await act();
    const times = await page.evaluate(() => {
        const noted = (globalThis as unknown as { frameTimes: number[] }).frameTimes;
        delete (globalThis as { frameTimes?: number[] }).frameTimes;
        return noted;
    });
    return times.slice(1).map((time, i) => time - (times[i] ?? time));
}

/**
 * The share of tiles of one colour alone in an area of each picture, 0 to 1. A grid has text or borders in every tile; what was
 * not drawn has none.
 */
export async function blankShares(context: BrowserContext, pictures: readonly string[], area: Area): Promise<number[]> {
    const page = await context.newPage();
    const shares: number[] = [];
    for (const picture of pictures) {
        shares.push(await page.evaluate(blankShare, { picture, area }));
    }
    await page.close();
    return shares;
}

async function blankShare({ picture, area }: { picture: string; area: Area }): Promise<number> {
    const tile = { width: 96, height: 48 };
    const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const drawing = canvas.getContext('2d', { willReadFrequently: true });
    if (drawing === null) throw new Error('There is no canvas.');
    drawing.drawImage(bitmap, 0, 0);
    let blank = 0;
    let all = 0;
    for (let y = area.y; y + tile.height <= area.y + area.height; y += tile.height) {
        for (let x = area.x; x + tile.width <= area.x + area.width; x += tile.width) {
            const pixels = new Uint32Array(drawing.getImageData(x, y, tile.width, tile.height).data.buffer);
            all++;
            blank += pixels.every((pixel) => pixel === pixels[0]) ? 1 : 0;
        }
    }
    return blank / all;
}
