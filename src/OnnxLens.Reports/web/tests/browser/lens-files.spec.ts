import { readFileSync, writeFileSync } from 'node:fs';
import { fileOf, urlOf } from './support/fixtures';
import { LensParts } from './support/lens';
import { expectHarmless } from './support/svg';
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
        // 46 + 14 · 76 and 42 + 80 · 22 CSS pixels and 70 of the caption, twice as many of the file.
        expect([png?.bytes.readUInt32BE(16), png?.bytes.readUInt32BE(20)]).toEqual([2220, 3744]);
        const [svg] = await lens.save('Grid, SVG');
        expect(svg?.bytes.toString()).toContain('width="1110" height="1872"');
        expect(svg?.bytes.toString()).toContain('>Probability of the top token</text>');
        await expect(page.getByText('Saved: the whole grid.')).toBeVisible();
    });

    test('is what is seen where the whole is too large, and says so', async ({ page, open }) => {
        await open('large');
        const [svg] = await new LensParts(page).save('Grid, SVG');
        await expect(page.getByText(/Saved: the part of the grid that is seen/)).toBeVisible();
        expect(svg?.bytes.length).toBeLessThan(2_000_000);
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
            ['delta-logprob', 'Δ log-probability of the token that follows, nats (first − second)'],
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

    test('are saved as a file each', async ({ page, open }) => {
        await open('beside');
        const files = await new LensParts(page).save('Cells, CSV', 2);
        expect(files.map((file) => file.name)).toEqual([
            'lens-resid_post-cells-first.csv',
            'lens-resid_post-cells-second.csv',
        ]);
    });

    test('come together from two files, and part again', async ({ page, open }) => {
        await open('demo');
        await page.getByLabel('Another page').setInputFiles(fileOf('sites.html'));
        await expect(page.getByRole('grid')).toHaveCount(2);
        await expect(page.getByText(/^They differ in bundle hash/)).toBeVisible();
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
