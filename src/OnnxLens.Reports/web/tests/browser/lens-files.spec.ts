import type { Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileOf, urlOf } from './support/fixtures';
import { LensParts } from './support/lens';
import { expectHarmless, pictureOf } from './support/svg';
import { expect, test } from './support/test';

const RUN = '<script type="application/vnd.onnxlens.run">';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

/** Records of a CSV file, lines within quotes kept together. */
const records = (text: string): string[] => text.match(/(?:[^"\n]|"(?:[^"]|"")*")*\n/g) ?? [];

test.describe('what is saved', () => {
    for (const name of ['demo', 'small', 'hostile', 'undefined']) {
        test(`has the rows of cells.csv: ${name}`, async ({ page, open }) => {
            await open(name);
            const [file] = await new LensParts(page).save('Cells, CSV');
            const all = records(readFileSync(fileOf(`${name}/cells.csv`), 'utf8'));
            const ofSite = all.filter((row, index) => index === 0 || row.includes(',resid_post,'));
            expect(file?.bytes.equals(Buffer.from(ofSite.join('')))).toBe(true);
            expect(file?.name).toBe('lens-resid_post-cells.csv');
        });
    }

    test('has the layers that are shown', async ({ page, open }) => {
        await open('sites', '#site=mlp_in&stride=5');
        const [file] = await new LensParts(page).save('Cells, CSV');
        const all = records(readFileSync(fileOf('sites/cells.csv'), 'utf8'));
        const shown = all.filter((row, index) => index === 0 || /,mlp_in,(11|6|1),/.test(row));
        expect(file?.bytes.toString()).toBe(shown.join(''));
    });

    test('is the whole grid where it has room, as a picture and as a drawing', async ({ page, open }) => {
        await open('small');
        const lens = new LensParts(page);
        const [png] = await lens.save('Grid, PNG');
        expect(png?.bytes.subarray(0, 4)).toEqual(PNG);
        // 46 + 14 · 76 and 42 + 80 · 22 CSS pixels and 128 of the caption, twice as many of the file.
        expect([png?.bytes.readUInt32BE(16), png?.bytes.readUInt32BE(20)]).toEqual([2220, 3860]);
        const [svg] = await lens.save('Grid, SVG');
        expect(svg?.bytes.toString()).toContain('width="1110" height="1930"');
        for (const words of [
            'Probability of the top token',
            'Prompt: A made-up prompt',
            'generated',
            'special token',
        ]) {
            expect(svg?.bytes.toString()).toContain(`>${words}</text>`);
        }
        expect(svg?.bytes.toString()).toMatch(/>Bundle folder: bundles\/made-up; onnxlens \d+\.\d+\.\d+<\/text>/);
        await expect(page.getByText('Saved: the whole grid.')).toBeVisible();
    });

    test('is what is seen where the whole is too large, and says so', async ({ page, open }) => {
        await open('large');
        const [svg] = await new LensParts(page).save('Grid, SVG');
        await expect(page.getByText(/Saved: the part of the grid that is seen/)).toBeVisible();
        expect(svg?.bytes.length).toBeLessThan(2_000_000);
    });

    test('has title, key and provenance of trajectories', async ({ page, open }) => {
        await open('beside', '#measure=kl&cursor=3.8');
        const [svg] = await new LensParts(page).save('Trajectories, SVG');
        const texts = (await pictureOf(page, svg?.bytes.toString() ?? '')).texts.join(' ');
        expect(texts).toMatch(/^KL\(final‖lens\), nats over the layers, resid_post /);
        expect(texts).toContain('position 8 position 8 (second run)');
        expect(texts).toContain(
            'First run: not steered, bundle aaaaaaaa, fp32, greedy; Second run: steered at mlp_in.3',
        );
        expect(texts).toMatch(/; Prompt: A made-up prompt; Bundle folder: bundles\/made-up; onnxlens \d+\.\d+\.\d+$/);
    });

    test('is a drawing that stands alone, whatever its tokens are', async ({ page, open }) => {
        // The last pin is no character of XML.
        await open('hostile', '#pins=0,1,32,56');
        const lens = new LensParts(page);
        for (const entry of ['Grid, SVG', 'Trajectories, SVG']) {
            const [svg] = await lens.save(entry);
            const text = svg?.bytes.toString() ?? '';
            await expectHarmless(page, text);
            expect(text).toContain('\\u{FFFE}');
        }
        const [png] = await lens.save('Trajectories, PNG');
        expect(png?.bytes.subarray(0, 4)).toEqual(PNG);
    });
});

test.describe('a print', () => {
    /** What the page has for a print, while it is printed. */
    const printed = async (page: Page): Promise<{ parts: number; texts: string; paper: string }> => {
        await page.evaluate(() => {
            addEventListener('beforeprint', () => {
                const all = [...document.querySelectorAll('.printed')];
                const seen = {
                    parts: all.flatMap((one) => [...one.querySelectorAll('svg')]).length,
                    texts: all.map((one) => one.textContent).join('\n'),
                    paper: document.querySelector('.printed svg g rect')?.getAttribute('fill') ?? '',
                };
                Object.assign(globalThis, { seen });
            });
        });
        const file = await page.pdf();
        expect(file.subarray(0, 5).toString()).toBe('%PDF-');
        await expect(page.locator('.printed')).toHaveCount(0);
        return page.evaluate(
            () => (globalThis as unknown as { seen: { parts: number; texts: string; paper: string } }).seen,
        );
    };

    test('has the whole grid, light, in parts that fit a sheet', async ({ page, open }) => {
        await open('small', '#theme=dark');
        const { parts, texts, paper } = await printed(page);
        // All 14 positions and 61 of 80 layers fit a sheet.
        expect(parts).toBe(2);
        expect(texts).toContain('The whole grid, in 2 parts.');
        for (const header of ['L0', 'L79']) {
            expect(texts).toContain(header);
        }
        expect(paper).toBe('#ffffff');
        const [corner] = await new LensParts(page).pixels([5, 5]);
        expect(corner).not.toBe('243 245 247');
    });

    test('has both grids of two runs', async ({ page, open }) => {
        await open('beside');
        expect((await printed(page)).texts.match(/The whole grid\./g)).toHaveLength(2);
    });

    test('says so where the grid is too large', async ({ page, open }) => {
        await open('large');
        const { parts, texts } = await printed(page);
        expect(parts).toBe(0);
        expect(texts).toContain('All of its 120000 cells are more than the 8000 of a print');
    });
});

test.describe('two runs', () => {
    test('stand side by side and move together', async ({ page, open }) => {
        await open('beside');
        const grids = page.getByRole('grid');
        await expect(grids).toHaveCount(2);
        await expect(
            page.getByRole('heading', { name: /^Second run: steered at mlp_in.3 with bold.safetensors/ }),
        ).toBeVisible();
        await expect(page.getByText(/^They differ in .*steering/)).toBeVisible();
        await grids.first().focus();
        await page.keyboard.press('Control+Home');
        await expect(page.getByRole('gridcell').nth(1)).toHaveText(/^layer 23, position 0/);
        await page.keyboard.press('Control+End');
        await expect(page.getByRole('gridcell').nth(1)).toHaveText(/^layer 0, position 13/);
        const at = (index: number): Promise<number[]> =>
            grids.nth(index).evaluate((grid) => [grid.scrollLeft, grid.scrollTop]);
        await grids.first().evaluate((grid) => grid.scrollTo(100, 5));
        await expect.poll(() => at(1)).toEqual([100, 5]);
        await grids.nth(1).evaluate((grid) => grid.scrollTo(30, 0));
        await expect.poll(() => at(0)).toEqual([30, 0]);
    });

    test('can be seen as their difference', async ({ page, open }) => {
        await open('beside');
        const lens = new LensParts(page);
        for (const [mode, title] of [
            ['delta-logprob', 'Δ log-probability of ·the, nats (first − second)'],
            ['delta-entropy', 'Δ entropy, nats (first − second)'],
            ['delta-kl', 'Δ KL(final‖lens), nats (first − second)'],
            ['other-top', 'Top token of the second run'],
        ] as const) {
            await lens.control('Colour').selectOption(mode);
            await expect(lens.legend).toContainText(title);
            await expect(lens.panel).toContainText(title);
        }
        await lens.control('Runs').selectOption('second');
        await expect(page.getByRole('grid')).toHaveCount(1);
        await expect(page.getByRole('heading', { name: /^Second run/ })).toBeVisible();
    });

    test('are compared in a pinned cell that the stride leaves out, too', async ({ page, open }) => {
        await open('beside', '#mode=delta-kl&stride=2&pinned=10.5');
        const lens = new LensParts(page);
        await expect(lens.panel).toContainText('Layer 10, position 5 · pinned');
        await expect(lens.panel).toContainText(/nats \([+−]?[\d.]+ to the second\)/);
        await expect(lens.panel).not.toContainText('not known in both runs');
        await expect(lens.panel).not.toContainText('NaN');
    });

    test('are saved as one table that names the run', async ({ page, open }) => {
        await open('beside');
        const lens = new LensParts(page);
        const [file] = await lens.save('Cells, CSV');
        expect(file?.name).toBe('lens-resid_post-cells.csv');
        const [head, ...rows] = records(file?.bytes.toString() ?? '');
        expect(head).toMatch(/^run,sequence,position,/);
        // 20 layers at 14 positions, 24 at 12.
        expect(rows.map((row) => row.slice(0, row.indexOf(',')))).toEqual([
            ...Array<string>(280).fill('first'),
            ...Array<string>(288).fill('second'),
        ]);
        await expect(page.getByText('of both runs')).toBeVisible();
    });

    test('are saved alone where one alone is shown, as cells.csv has it', async ({ page, open }) => {
        await open('beside', '#shown=second');
        const [file] = await new LensParts(page).save('Cells, CSV');
        expect(file?.name).toBe('lens-resid_post-cells-second.csv');
        expect(file?.bytes.toString()).toMatch(/^sequence,position,/);
        expect(records(file?.bytes.toString() ?? '')).toHaveLength(289);
    });

    test('are saved as one picture, each below its title', async ({ page, open }) => {
        await open('beside');
        const lens = new LensParts(page);
        const [svg] = await lens.save('Grid, SVG');
        expect(svg?.name).toBe('lens-resid_post-grid.svg');
        const text = svg?.bytes.toString() ?? '';
        await expectHarmless(page, text);
        expect(text).toMatch(/>First run: not steered, [^<]*<\/text>/);
        expect(text).toMatch(
            />Second run: steered at mlp_in\.3 with bold\.safetensors \(add 1\.5\) at positions label, [^<]*<\/text>/,
        );
        expect(text).toContain('>steered in this layer, at another site</text>');
        // Both grids have the same axes: 24 layers, 14 positions.
        const height = Number(/ height="(\d+)"/.exec(text)?.[1]);
        expect(height).toBeGreaterThan(2 * (42 + 24 * 22));
        await expect(page.getByText('Saved: the whole grids of both runs.')).toBeVisible();
        const [png] = await lens.save('Grid, PNG');
        expect(png?.bytes.readUInt32BE(20)).toBe(2 * height);
    });

    test('come together from two files, and part again', async ({ page, open }) => {
        await open('demo');
        await page.getByLabel('Another page').setInputFiles(fileOf('sites.html'));
        await expect(page.getByRole('grid')).toHaveCount(2);
        await expect(page.getByText(/^They differ in folder, bundle hash/)).toBeVisible();
        await page.getByRole('button', { name: 'Take the second run away' }).click();
        await expect(page.getByRole('grid')).toHaveCount(1);
        await expect(new LensParts(page).control('Runs')).toBeHidden();
    });

    test('come together where a file is dropped', async ({ page, open }) => {
        await open('demo');
        const text = readFileSync(fileOf('sites.html'), 'utf8');
        const transfer = await page.evaluateHandle((content) => {
            const data = new DataTransfer();
            data.items.add(new File([content], 'sites.html', { type: 'text/html' }));
            return data;
        }, text);
        await page.dispatchEvent('body', 'dragover', { dataTransfer: transfer });
        await expect(page.locator('body')).toHaveClass('drop');
        await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
        await expect(page.locator('body')).not.toHaveClass('drop');
        await expect(page.getByRole('grid')).toHaveCount(2);
    });

    test('need a page of a lens', async ({ page, open }, info) => {
        await open('demo');
        const other = info.outputPath('other.html');
        writeFileSync(other, '<p>no run</p>');
        await page.getByLabel('Another page').setInputFiles(other);
        await expect(page.getByRole('alert')).toHaveText(
            'other.html holds no run: it is not a page that onnxlens wrote.',
        );
    });
});

test.describe('a file that cannot be shown', () => {
    const page1 = (): string => readFileSync(fileOf('demo.html'), 'utf8');
    const element = /<script type="application\/vnd\.onnxlens\.run">[^<]*<\/script>\n/;

    for (const [what, change, expected] of [
        [
            'no data',
            (html: string) => html.replace(element, ''),
            'This file holds no data. Write it again with --html.',
        ],
        [
            'data cut off',
            (html: string) => html.replace(element, (text) => `${text.slice(0, 5_000)}</script>\n`),
            'The data of this file is damaged.',
        ],
    ] as const) {
        test(`says so: ${what}`, async ({ page, guard }, info) => {
            const file = info.outputPath('broken.html');
            writeFileSync(file, change(page1()));
            const url = new URL(`file://${file}`).href;
            guard.allow(url);
            await page.goto(url);
            await expect(page.getByRole('alert')).toHaveText(expected);
            await expect(page.locator('html')).toHaveAttribute('data-ready', 'true');
        });
    }

    test('says so: a second run whose data is damaged, beside the first', async ({ page, guard }, info) => {
        const file = info.outputPath('half.html');
        const [, , after = ''] = readFileSync(fileOf('beside.html'), 'utf8').split(RUN);
        const text = readFileSync(fileOf('beside.html'), 'utf8');
        writeFileSync(file, text.slice(0, text.length - after.length) + after.slice(5_000));
        const url = new URL(`file://${file}`).href;
        guard.allow(url);
        await page.goto(url);
        await expect(page.getByRole('alert')).toHaveText(
            'The second run of this file is not shown. The data of this file is damaged.',
        );
        await expect(page.getByRole('grid')).toHaveCount(1);
        await expect(new LensParts(page).cell).toHaveText(/^layer 19, /);
    });

    test('says so: a browser without DecompressionStream', async ({ page, guard }) => {
        await page.addInitScript(() => {
            Reflect.deleteProperty(globalThis, 'DecompressionStream');
        });
        guard.allow(urlOf('demo'));
        await page.goto(urlOf('demo'));
        await expect(page.getByRole('alert')).toContainText('This browser is too old');
    });
});
