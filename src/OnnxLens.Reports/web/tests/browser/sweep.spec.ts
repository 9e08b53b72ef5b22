import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { fileOf } from './support/fixtures';
import { expectHarmless, expectWholePicture } from './support/svg';
import { linesOf, PNG, saved, tableLines } from './support/saved';
import { expect, test } from './support/test';

const figure = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const samples = (page: Page): Locator => figure(page, 'Samples').first();

test('says the verdict of each vector on each dataset first, and leads to its hook point', async ({ page, open }) => {
    await open('sweep');
    const verdicts = page.getByRole('list', { name: 'Verdicts' }).getByRole('button');
    await expect(verdicts).toHaveCount(4);
    await expect(verdicts.first()).toContainText(
        /^bold on bold-test, best of 12 at \w+\.\d: works; perplexity × [\d.]+ at multiplier 1.*: slope/,
    );
    await verdicts.nth(1).click();
    await expect(page.getByRole('combobox', { name: 'vector', exact: true })).toHaveValue('sweet');
    await expect(verdicts.nth(1)).toHaveAttribute('aria-pressed', 'true');
});

test('chooses dataset, vector, site and layer, and keeps them in the address', async ({ page, open }) => {
    await open('sweep');
    await page.getByRole('combobox', { name: 'dataset', exact: true }).selectOption('sweet-test');
    await page.getByRole('combobox', { name: 'vector', exact: true }).selectOption('sweet');
    await page.getByRole('combobox', { name: 'site', exact: true }).selectOption('resid_post');
    await page.getByRole('combobox', { name: 'layer', exact: true }).selectOption('1');
    await expect(figure(page, 'Propensity').locator('svg.chart')).toHaveAttribute(
        'aria-label',
        'Propensity over multipliers, sweet at resid_post.1 on sweet-test',
    );
    await expect.poll(() => page.url()).toContain('point=resid_post.1');
    const fragment = new URL(page.url()).hash;
    await open('sweep', '#dataset=nonsense');
    await expect(page.getByRole('combobox', { name: 'dataset', exact: true })).toHaveValue('bold-test');
    await page.evaluate((hash) => location.assign(hash), fragment);
    await expect(page.getByRole('combobox', { name: 'layer', exact: true })).toHaveValue('1');
    await expect(page.getByRole('combobox', { name: 'vector', exact: true })).toHaveValue('sweet');
});

test('draws every sample, and those that are anti-steerable in another way', async ({ page, open }) => {
    await open('sweep');
    await expect(figure(page, 'Propensity').locator('path.sample')).toHaveCount(40);
    await expect(figure(page, 'Propensity').locator('path.anti')).toHaveCount(4);
    await expect(figure(page, 'Propensity').locator('path.anti').first()).toHaveAttribute('stroke-dasharray', '4 3');
    const ticks = await figure(page, 'Slopes of the samples')
        .locator('path.tick')
        .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')?.match(/M/g)?.length ?? 0));
    expect(ticks).toEqual([36, 4]);
    await expect(figure(page, 'Slopes of the samples').locator('.summary')).toContainText('4 of 40 samples (10 %)');
});

test('lists anti-steerable samples alone, by key, in the address and in a file', async ({ page, open }) => {
    await open('sweep');
    const rows = samples(page).locator('tbody tr');
    await expect(rows).toHaveCount(40);
    await expect(rows.first().locator('td').last()).toHaveText('yes');
    await expect(rows.last().locator('td').last()).toHaveText('no');
    const list = samples(page).getByRole('combobox', { name: 'list', exact: true });
    await list.focus();
    await page.keyboard.press('ArrowDown');
    await expect(list).toHaveValue('anti');
    await expect(rows).toHaveCount(4);
    await expect(rows.nth(0).locator('td').first()).toHaveText(/^[AB]$/);
    await expect.poll(() => page.url()).toContain('list=anti');
    const { name, bytes } = await saved(page, () => samples(page).getByRole('button', { name: 'CSV' }).click());
    expect(name).toMatch(/^anti-steerable-bold-on-bold-test-\w+\.\d\.csv$/);
    const lines = linesOf(bytes).map((line) => line.split(','));
    expect(lines.slice(1).map(([, sample]) => sample)).toEqual(await rows.getByRole('button').allTextContents());
    expect(lines.slice(1).every(([, , , , , , slope, , , , anti]) => Number(slope) < 0 && anti === 'true')).toBe(true);
    await page.reload();
    await expect(rows).toHaveCount(4);
    await list.selectOption('all');
    await samples(page).getByRole('button', { name: 'sample', exact: true }).click();
    await expect(rows.first().getByRole('button')).toHaveText('row0');
    await samples(page).getByRole('button', { name: 'slope' }).click();
    await samples(page).getByRole('columnheader', { name: 'slope' }).waitFor();
    await expect(samples(page).getByRole('columnheader', { name: 'slope' })).toHaveAttribute('aria-sort', 'descending');
    await samples(page).getByLabel('find').fill('ROW3');
    await expect(rows).toHaveCount(11);
});

test('marks a sample in all drawings, by table, by pointer and by key', async ({ page, open }) => {
    await open('sweep');
    const chosen = figure(page, 'Propensity').locator('.chosen-sample');
    await samples(page).getByRole('button', { name: 'row22' }).focus();
    await page.keyboard.press('Enter');
    await expect(chosen).toHaveCount(1);
    await expect(samples(page).locator('.summary')).toContainText('Marked: row22, letter A.');
    await expect(samples(page).getByRole('button', { name: 'row22' })).toBeFocused();
    await expect.poll(() => page.url()).toContain('sample=row22');
    await samples(page).getByRole('button', { name: 'No sample' }).click();
    await expect(chosen).toHaveCount(0);
    await figure(page, 'Propensity')
        .locator('svg.chart')
        .click({ position: { x: 300, y: 150 } });
    await expect(chosen).toHaveCount(1);
    await samples(page).getByRole('button', { name: 'No sample' }).click();
    await figure(page, 'Slopes of the samples')
        .locator('svg.chart')
        .click({ position: { x: 70, y: 100 } });
    await expect(samples(page).locator('.summary')).toContainText('Marked: row22');
});

test('shows every figure over the layers, and goes to a point that is clicked', async ({ page, open }) => {
    await open('sweep');
    const layers = figure(page, 'Over the layers');
    const measures = await layers
        .getByRole('combobox', { name: 'show', exact: true })
        .locator('option')
        .allTextContents();
    expect(measures).toHaveLength(7);
    for (const label of measures) {
        await layers.getByRole('combobox', { name: 'show', exact: true }).selectOption({ label });
        await expect(layers.locator('.summary')).toContainText(label);
    }
    await layers.locator('.mark').last().click();
    await expect(page.getByRole('combobox', { name: 'layer', exact: true })).toHaveValue('5');
});

test('compares mean curves of several hook points', async ({ page, open }) => {
    await open('sweep');
    const propensity = figure(page, 'Propensity');
    await propensity.getByText('Compare with other hook points').click();
    await propensity.getByLabel('mlp_in.0').check();
    await propensity.getByLabel('resid_post.2').check();
    await expect(propensity.locator('.chart-key')).toContainText('mean at resid_post.2');
    await expect.poll(() => page.url()).toContain('also=mlp_in.0,resid_post.2');
    await propensity.getByLabel('mlp_in.0').uncheck();
    await expect(propensity.locator('.chart-key')).not.toContainText('mean at mlp_in.0');
});

test('shows costs and controls in words too', async ({ page, open }) => {
    await open('sweep');
    await expect(figure(page, 'What it costs').locator('.summary')).toContainText('At multiplier 1: KL 0.076 nats');
    const controls = figure(page, 'Controls and letters').locator('.summary');
    for (const name of [
        'the vector',
        'random (6)',
        'shuffled labels',
        'letter alone',
        'samples A (20)',
        'samples B (20)',
    ]) {
        await expect(controls).toContainText(name);
    }
    await open('sweep-bare');
    await expect(figure(page, 'What it costs').locator('.summary')).toContainText('Not measured');
    await expect(figure(page, 'What it costs').getByRole('button', { name: 'PNG' })).toBeHidden();
});

test('lists all hook points, sorts them and goes to one', async ({ page, open }) => {
    await open('sweep');
    const all = figure(page, 'All hook points').first();
    await expect(all.locator('tbody tr')).toHaveCount(48);
    await all.getByRole('button', { name: 'slope', exact: true }).click();
    await all.getByRole('button', { name: 'slope', exact: true }).click();
    await expect(all.getByRole('columnheader', { name: 'slope', exact: true })).toHaveAttribute(
        'aria-sort',
        'ascending',
    );
    await all.locator('tbody tr').first().getByRole('button').click();
    await expect(page.getByRole('combobox', { name: 'vector', exact: true })).toHaveValue('sweet');
    await expect(all.locator('.summary')).toContainText('works against the behaviour');
});

test('saves tables whole, as the program writes them', async ({ page, open }) => {
    await open('sweep');
    for (const name of ['samples', 'slopes', 'summary', 'curves', 'cost']) {
        const { name: file, bytes } = await saved(page, () =>
            page.getByRole('button', { name: `${name}.csv` }).click(),
        );
        expect(file).toBe(`${name}.csv`);
        expect(bytes.equals(await readFile(fileOf(`sweep/${name}.csv`)))).toBe(true);
    }
});

test('saves what is drawn as CSV, SVG and PNG', async ({ page, open }) => {
    await open('sweep', '#dataset=bold-test&vector=bold&point=mlp_in.2');
    const isHere = (line: string): boolean => line.startsWith('bold-test,') && line.includes(',bold,mlp_in,2,');
    const csv = (name: string): Promise<{ bytes: Buffer }> =>
        saved(page, () => figure(page, name).getByRole('button', { name: 'CSV' }).click());
    expect(linesOf((await csv('Propensity')).bytes)).toEqual(await tableLines('sweep/samples.csv', isHere));
    expect(linesOf((await csv('Slopes of the samples')).bytes)).toEqual(await tableLines('sweep/slopes.csv', isHere));
    const controls = linesOf((await csv('Controls and letters')).bytes).map((line) => line.split(','));
    expect(controls.map((fields) => fields[4])).toEqual([
        'slope_of',
        'vector',
        'random',
        'shuffled',
        'letter',
        'samples_of_letter',
        'samples_of_letter',
    ]);
    const [summary = ''] = (await tableLines('sweep/summary.csv', isHere)).slice(1);
    const [, , , , , slope, low, high, , , , , , random, sd] = summary.split(',');
    expect(controls[1]?.slice(8)).toEqual([slope, '', low, high, '0.95']);
    expect(controls[2]?.slice(7)).toEqual(['6', random, sd, '', '', '']);
    expect(linesOf((await csv('What it costs')).bytes)).toEqual(
        await tableLines('sweep/cost.csv', (line) => line.startsWith('bold,mlp_in,2,')),
    );
    expect(linesOf((await csv('Over the layers')).bytes)).toHaveLength(13);
    for (const name of [
        'Over the layers',
        'Propensity',
        'Slopes of the samples',
        'What it costs',
        'Controls and letters',
    ]) {
        const svg = await saved(page, () => figure(page, name).getByRole('button', { name: 'SVG' }).click());
        expect(svg.bytes.toString()).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
        expect(svg.bytes.toString()).not.toMatch(/ (class|style)=|var\(/);
        await expectWholePicture(page, figure(page, name), svg.bytes.toString());
        const png = await saved(page, () => figure(page, name).getByRole('button', { name: 'PNG' }).click());
        expect(png.bytes.subarray(0, 4).equals(PNG)).toBe(true);
    }
});

test('has orange for anti-steerable samples alone, and a key of all bands and bars', async ({ page, open }) => {
    await open('sweep');
    const orange = await page
        .locator('svg *')
        .evaluateAll((all) =>
            all
                .filter((one) => ['fill', 'stroke'].some((name) => one.getAttribute(name) === '#c44e00'))
                .map((one) => one.getAttribute('class') ?? `key of ${one.closest('li')?.textContent ?? 'nothing'}`),
        );
    const key = 'key of anti-steerable samples: slope below 0';
    expect(new Set(orange)).toEqual(new Set(['sample anti', 'bar', 'tick', key]));
    for (const [name, entries] of [
        ['Over the layers', [/^bars: 95 % bootstrap interval$/, /^band: random vectors .* mean ± sd$/]],
        ['Propensity', [/^band: 95 % bootstrap interval of the mean$/, /^band: slopes of random vectors, mean ± sd$/]],
        ['Slopes of the samples', [/^bars: how many samples/, /^its 95 % bootstrap interval$/]],
        ['Controls and letters', [/^bar of the vector: 95 % bootstrap/, /^bar of random vectors: mean ± sd$/]],
    ] as const) {
        for (const entry of entries) {
            await expect(figure(page, name).locator('.chart-key').getByText(entry)).toBeVisible();
        }
    }
});

test('goes through the themes and draws anew', async ({ page, open }) => {
    await open('sweep');
    const background = (): Promise<string> =>
        page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const colour = (): Promise<string | null> =>
        figure(page, 'Over the layers').locator('.mark path').first().getAttribute('fill');
    const [light, blue] = [await background(), await colour()];
    const theme = page.getByRole('button', { name: 'Theme:' });
    await theme.click();
    await theme.click();
    await expect(theme).toHaveText('Theme: dark');
    await expect.poll(background).not.toBe(light);
    await expect.poll(colour).not.toBe(blue);
    await expect.poll(() => page.url()).toContain('theme=dark');
});

test('saves drawings that stand alone, whatever names are', async ({ page, open }) => {
    await open('sweep-hostile');
    for (const button of await page.getByRole('button', { name: 'SVG', exact: true }).all()) {
        const svg = await saved(page, () => button.click());
        await expectHarmless(page, svg.bytes.toString());
    }
});

test('fits 400 pixels', async ({ page, open }) => {
    await page.setViewportSize({ width: 400, height: 800 });
    for (const name of ['sweep', 'sweep-hostile', 'sweep-bare']) {
        await open(name);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    }
});

test('says where it came from', async ({ page, open }) => {
    await open('sweep');
    await page.getByText('Where this came from').click();
    await expect(page.locator('details.provenance')).toContainText('a'.repeat(64));
    await expect(page.locator('details.provenance')).toContainText('additions_made');
});
