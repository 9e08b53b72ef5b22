import type { Download, Locator, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';

/** The parts of a lens page, as a user finds them. */
export class LensParts {
    constructor(readonly page: Page) {}

    get grid(): Locator {
        return this.page.getByRole('grid').first();
    }

    /** What the page says of the cell of the keyboard. */
    get cell(): Locator {
        return this.page.getByRole('gridcell').first();
    }

    get panel(): Locator {
        return this.page.getByRole('complementary');
    }

    get trajectories(): Locator {
        return this.page.getByRole('region', { name: 'Trajectories over the layers' });
    }

    get legend(): Locator {
        return this.page.getByRole('group', { name: 'What the grid shows' });
    }

    get search(): Locator {
        return this.page.getByRole('searchbox');
    }

    control(label: string): Locator {
        return this.page.getByRole('group', { name: 'Controls of the grid' }).getByLabel(label, { exact: true });
    }

    /** Saves something and gives the files, with their names. */
    async save(entry: string, count = 1): Promise<{ name: string; bytes: Buffer }[]> {
        const downloads: Download[] = [];
        const note = (download: Download): number => downloads.push(download);
        this.page.on('download', note);
        await this.page.getByRole('button', { name: 'Save' }).click();
        await this.page.getByRole('button', { name: entry }).click();
        await this.page.getByText(/^Saved: /).waitFor();
        while (downloads.length < count) {
            await this.page.waitForEvent('download');
        }
        this.page.off('download', note);
        return Promise.all(
            downloads.map(async (download) => ({
                name: download.suggestedFilename(),
                bytes: readFileSync(await download.path()),
            })),
        );
    }

    /** The colours of a canvas at points of it, in CSS pixels. */
    async pixels(...points: readonly (readonly [number, number])[]): Promise<string[]> {
        return this.page.evaluate((wanted) => {
            const canvas = document.querySelector('canvas') as HTMLCanvasElement;
            // Read from a copy: a canvas that is read becomes another kind, and the browser warns.
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            const context = copy.getContext('2d', { willReadFrequently: true });
            context?.drawImage(canvas, 0, 0);
            return wanted.map(([x, y]) => {
                const [r, g, b] = context?.getImageData(x * devicePixelRatio, y * devicePixelRatio, 1, 1).data ?? [];
                return `${r} ${g} ${b}`;
            });
        }, points);
    }
}
