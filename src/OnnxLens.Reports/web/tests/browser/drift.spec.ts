import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { fileOf } from './support/fixtures';
import { expectHarmless, expectWholePicture, pictureOf } from './support/svg';
import { linesOf, PNG, saved, tableLines } from './support/saved';
import { expect, test } from './support/test';

const figure = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true }).first();
const strip = (page: Page): Locator => figure(page, 'Where it drifts');
const cell = (page: Page): Locator => strip(page).locator('.cell');

test('says what A and B are, where drift begins, and what is not finite', async ({ page, open }) => {
    await open('drift');
    const sides = figure(page, 'A and B');
    await expect(sides).toContainText('bundle-int4: fp32 over int4, blocks of 32, symmetric');
    await expect(sides).toContainText('A and B differ in: bundle, weights, quantisation.');
    await expect(page.locator('.lead').first()).toContainText('A and B are equal up to resid_post.0');
    await expect(page.locator('.lead').nth(1)).toContainText(/^Model output \(resid_post\.5\): KL [\d.]+ nats/);
    await expect(page.locator('.lead.warning')).toContainText('B has values that are not finite in 1 of 540 cells');
});

test('says of what is equal that it is equal', async ({ page, open }) => {
    await open('drift-equal');
    await expect(page.locator('.lead.equal')).toHaveText(
        'A and B are equal at every point compared: activations in every bit, distributions exactly.',
    );
    await expect(figure(page, 'Over the layers').locator('.summary')).toContainText('exactly equal at all of them');
    await expect(strip(page).locator('.summary')).toContainText(
        'Prompt 0, resid_post: 6 layers, the last on top, × 16 positions. A and B are exactly equal in all of its cells.',
    );
    await expect(strip(page).locator('.chart-key')).toContainText('KL exactly 0 in every cell');
    await expect(cell(page)).toContainText('exactly 0: A and B are equal here');
    await expect(page.getByText('The outputs are exactly equal on 3 of 3 prompts.')).toBeVisible();
});

test('shows every figure over the layers, with and without a logarithmic axis', async ({ page, open }) => {
    await open('drift');
    const left = figure(page, 'Over the layers');
    const right = figure(page, 'Over the layers, a second figure');
    const measures = await left
        .getByRole('combobox', { name: 'show', exact: true })
        .locator('option')
        .allTextContents();
    expect(measures).toHaveLength(8);
    for (const label of measures) {
        await left.getByRole('combobox', { name: 'show', exact: true }).selectOption({ label });
        await expect(left.locator('.summary')).toContainText(`${label}, `);
    }
    await expect(right.locator('.summary')).toContainText('Logarithmic axis.');
    await page.getByLabel('logarithmic axes where they tell more').uncheck();
    await expect(right.locator('.summary')).not.toContainText('Logarithmic axis.');
    await right.getByRole('combobox', { name: 'show', exact: true }).selectOption('agreement');
    await expect(right.locator('.chart-key')).toContainText('top 5 in common');
    await expect.poll(() => page.url()).toContain('right=agreement');
    await page.getByRole('combobox', { name: 'site', exact: true }).selectOption('attn_out');
    await expect(right.locator('.chart-key')).toContainText('attn_out, top 5 in common');
});

test('reads each cell, by pointer and by key', async ({ page, open }) => {
    await open('drift', '#prompt=0');
    await expect(cell(page)).toContainText('resid_post.0, prompt 0, position 0');
    const cells = strip(page).locator('.figure-body');
    await cells.focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowRight');
    await expect(cell(page)).toContainText('resid_post.1, prompt 0, position 1');
    await expect(cell(page)).toContainText('log-probability');
    await page.keyboard.press('End');
    await page.keyboard.press('PageUp');
    await expect(cell(page)).toContainText('resid_post.5, prompt 0, position 15');
    await expect(cell(page)).toContainText('none: the prompt ends here');
    await page.keyboard.press('Home');
    await page.keyboard.press('PageDown');
    await expect(cell(page)).toContainText('resid_post.0, prompt 0, position 0');
    const box = await strip(page).locator('svg.heat .cursor rect').last().boundingBox();
    const [width, height] = [box?.width ?? 0, box?.height ?? 0];
    // The first layer is the lowest row.
    await page.mouse.move((box?.x ?? 0) + 3.5 * width, (box?.y ?? 0) - 0.5 * height);
    await expect(cell(page)).toContainText('resid_post.1, prompt 0, position 3');
    await expect.poll(() => page.url()).toContain('row=1&column=3');
});

test('tells a value that is not finite from one that is', async ({ page, open }) => {
    await open('drift', '#prompt=0&site=attn_out&row=2&column=3');
    await expect(cell(page)).toContainText('not finite');
    await expect(cell(page)).toContainText('in B');
});

test('colours cells by every figure', async ({ page, open }) => {
    await open('drift', '#prompt=0&row=4&column=3');
    const colours = async (): Promise<(string | null)[]> =>
        strip(page)
            .locator('svg.heat path.cells')
            .evaluateAll((all) => all.map((one) => one.getAttribute('fill')));
    const seen = new Set<string>();
    for (const key of ['kl', 'cosine', 'relative_difference', 'entropy_shift', 'topk_overlap']) {
        await strip(page).getByRole('combobox', { name: 'colour', exact: true }).selectOption(key);
        seen.add(JSON.stringify(await colours()));
    }
    expect(seen.size).toBe(5);
});

test('has the last layer on top, as a lens has', async ({ page, open }) => {
    await open('drift');
    const labels = await strip(page)
        .locator('svg.heat text[text-anchor="end"]')
        .evaluateAll((all) => all.map((one) => [one.textContent, one.getBoundingClientRect().top] as const));
    const downwards = labels.toSorted(([, a], [, b]) => a - b).map(([text]) => text);
    expect(downwards).toEqual(['5', '4', '3', '2', '1', '0']);
});

test('opens at the prompt that is worst by what is shown, and says so', async ({ page, open }) => {
    const rows = (await tableLines('drift/drift_positions.csv')).map((line) => line.split(','));
    const [columns = [], ...cells] = rows;
    const worst = (name: string, amount: (value: number) => number): string => {
        const [prompt, site, value] = ['prompt', 'site', name].map((column) => columns.indexOf(column));
        const here = cells.filter((fields) => fields[site ?? -1] === 'resid_post' && fields[value ?? -1] !== '');
        const sizes = here.map((fields) => Math.abs(amount(Number(fields[value ?? -1]))));
        return here[sizes.indexOf(Math.max(...sizes))]?.[prompt ?? -1] ?? '';
    };
    await open('drift');
    for (const [key, amount] of [
        ['kl', (value: number) => value],
        ['cosine', (value: number) => 1 - value],
        ['entropy_shift', (value: number) => value],
        ['topk_overlap', (value: number) => 1 - value],
    ] as const) {
        await strip(page).getByRole('combobox', { name: 'colour', exact: true }).selectOption(key);
        await expect(strip(page).locator('.summary')).toContainText(`Prompt ${worst(key, amount)}, resid_post`);
        await expect(strip(page).locator('.summary')).toContainText('It is the worst prompt by what is shown');
    }
    const prompt = strip(page).getByRole('combobox', { name: 'prompt', exact: true });
    await expect(prompt).toHaveValue('worst');
    expect(page.url()).not.toContain('prompt=');
    await prompt.selectOption('1');
    await expect.poll(() => page.url()).toContain('prompt=1');
    await prompt.selectOption('worst');
    await expect.poll(() => page.url()).not.toContain('prompt=');
});

test('says for each figure what its colour of no difference means', async ({ page, open }) => {
    await open('drift');
    for (const [key, text] of [
        ['kl', 'KL exactly 0'],
        ['cosine', 'cosine exactly 1'],
        ['relative_difference', 'activations exactly equal'],
        ['entropy_shift', 'entropies exactly equal'],
        ['topk_overlap', 'all top tokens in common'],
    ] as const) {
        await strip(page).getByRole('combobox', { name: 'colour', exact: true }).selectOption(key);
        await expect(strip(page).locator('.chart-key').getByText(text, { exact: true })).toBeVisible();
    }
});

test('goes through the prompts', async ({ page, open }) => {
    await open('drift', '#prompt=0');
    await expect(strip(page).getByRole('button', { name: 'Previous prompt' })).toBeDisabled();
    await strip(page).getByRole('button', { name: 'Next prompt' }).click();
    await expect(strip(page).getByRole('combobox', { name: 'prompt', exact: true })).toHaveValue('1');
    await strip(page).getByRole('combobox', { name: 'prompt', exact: true }).selectOption('2');
    await expect(strip(page).getByRole('button', { name: 'Next prompt' })).toBeDisabled();
    const prompts = figure(page, 'Prompts');
    await prompts.getByRole('button', { name: 'KL max' }).click();
    await prompts.locator('tbody tr').last().getByRole('button').click();
    await expect.poll(() => page.url()).toMatch(/prompts=-klMax/);
    const chosen = await prompts.locator('tbody tr').last().getByRole('button').textContent();
    await expect(strip(page).getByRole('combobox', { name: 'prompt', exact: true })).toHaveValue(chosen ?? '');
});

test('sets the slopes of both side by side, and marks those that change their sign', async ({ page, open }) => {
    await open('drift');
    const slopes = figure(page, 'Steering slopes in A and B');
    await slopes.getByRole('combobox', { name: 'vector', exact: true }).selectOption({ label: 'bold on sweet-test' });
    await expect(slopes.locator('.chart-key')).toContainText('bars: paired 95 % bootstrap interval of B − A');
    const samples = figure(page, 'Slopes of the samples');
    await samples.getByRole('combobox', { name: 'point', exact: true }).selectOption('mlp_in.2');
    await expect(samples.locator('.summary')).toContainText('At mlp_in.2 the mean slope is');
    const flips = await samples.locator('path.flip').count();
    expect(flips).toBeGreaterThan(0);
    await expect(samples.locator('path.pair')).toHaveCount(40 - flips);
    const table = figure(page, 'Samples in A and B');
    await table.getByRole('button', { name: 'direction' }).click();
    await table.getByRole('button', { name: 'direction' }).click();
    await expect(table.locator('tbody tr').first()).toContainText('the same');
    const row = table.getByRole('button', { name: 'row2', exact: true });
    await row.focus();
    await page.keyboard.press('Enter');
    await expect(row).toHaveAttribute('aria-pressed', 'true');
    await expect(row).toBeFocused();
    await expect.poll(() => page.url()).toContain('sample=row2');
    await samples.locator('svg.chart').click({ position: { x: 200, y: 200 } });
    await expect(table.locator('tr.chosen')).toHaveCount(1);
    const points = figure(page, 'Slopes by hook point');
    await points.getByRole('button', { name: 'flips' }).click();
    await points.getByRole('button', { name: 'mlp_in.4' }).click();
    await expect(samples.getByRole('combobox', { name: 'point', exact: true })).toHaveValue('mlp_in.4');
});

test('lists all hook points and sorts them', async ({ page, open }) => {
    await open('drift');
    const all = figure(page, 'All hook points');
    await expect(all.locator('tbody tr')).toHaveCount(12);
    await expect(all.locator('tbody tr').first()).toContainText('attn_out.0');
    await all.getByRole('button', { name: 'KL', exact: true }).click();
    await expect(all.getByRole('columnheader', { name: 'KL', exact: true })).toHaveAttribute('aria-sort', 'descending');
    await expect(all.locator('tbody tr').first()).toContainText('.5');
});

test('saves tables whole, as the program writes them', async ({ page, open }) => {
    await open('drift');
    for (const name of ['drift', 'drift_positions', 'drift_slopes', 'drift_samples']) {
        const { bytes } = await saved(page, () => page.getByRole('button', { name: `${name}.csv` }).click());
        expect(bytes.equals(await readFile(fileOf(`drift/${name}.csv`)))).toBe(true);
    }
});

test('saves what is drawn as CSV, SVG and PNG', async ({ page, open }) => {
    await open('drift', '#prompt=1&point=mlp_in.2');
    const csv = async (name: string): Promise<string[]> =>
        linesOf((await saved(page, () => figure(page, name).getByRole('button', { name: 'CSV' }).click())).bytes);
    const inPrompt = (line: string): boolean => line.startsWith('1,') && line.includes(',resid_post,');
    expect((await csv('Where it drifts')).toSorted()).toEqual(
        (await tableLines('drift/drift_positions.csv', inPrompt)).toSorted(),
    );
    expect(await csv('Slopes of the samples')).toEqual(
        await tableLines(
            'drift/drift_samples.csv',
            (line) => line.startsWith('bold-test,') && line.includes(',mlp_in,2,'),
        ),
    );
    expect(await csv('Steering slopes in A and B')).toEqual(
        await tableLines('drift/drift_slopes.csv', (line) => line.startsWith('bold-test,')),
    );
    expect(await csv('Over the layers')).toEqual(await tableLines('drift/drift.csv'));
    for (const name of ['Over the layers', 'Where it drifts', 'Steering slopes in A and B', 'Slopes of the samples']) {
        const svg = await saved(page, () => figure(page, name).getByRole('button', { name: 'SVG' }).click());
        expect(svg.bytes.toString()).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
        await expectWholePicture(page, figure(page, name), svg.bytes.toString());
        const png = await saved(page, () => figure(page, name).getByRole('button', { name: 'PNG' }).click());
        expect(png.bytes.subarray(0, 4).equals(PNG)).toBe(true);
    }
});

test('saves the strip with its scale, and without the frame of the cell', async ({ page, open }) => {
    await open('drift', '#prompt=1&row=2&column=3');
    await expect(strip(page).locator('.cursor rect')).toHaveCount(2);
    const svg = await saved(page, () => strip(page).getByRole('button', { name: 'SVG' }).click());
    const { texts, strokes, rects } = await pictureOf(page, svg.bytes.toString());
    expect(texts[0]).toBe('Drift of B from A by token and layer, prompt 1, resid_post: KL, nats');
    expect(texts).toContain('KL, nats, logarithmic');
    expect(texts).toContain('KL exactly 0');
    expect(texts.at(-1)).toMatch(/^A: bundle \w{8}, fp32; B: bundle \w{8}, fp32 over int4; onnxlens \d+\.\d+\.\d+$/);
    const accent = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--accent'));
    expect(accent).toMatch(/#0b57d0/);
    expect(strokes).not.toContain('rgb(11, 87, 208)');
    // The steps of the scale.
    expect(rects).toBeGreaterThan(60);
});

test('goes through the themes', async ({ page, open }) => {
    await open('drift');
    const paper = (): Promise<string | null> => strip(page).locator('svg.heat path.cells').first().getAttribute('fill');
    const light = await paper();
    await page.getByRole('button', { name: 'Theme:' }).click();
    await page.getByRole('button', { name: 'Theme:' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await expect.poll(paper).not.toBe(light);
    await expect.poll(() => page.url()).toContain('theme=dark');
    await page.evaluate(() => {
        location.hash = '#theme=light';
    });
    await expect(page.getByRole('button', { name: 'Theme:' })).toHaveText('Theme: light');
});

test('saves drawings that stand alone, whatever names are', async ({ page, open }) => {
    await open('drift-hostile');
    for (const button of await page.getByRole('button', { name: 'SVG', exact: true }).all()) {
        const svg = await saved(page, () => button.click());
        await expectHarmless(page, svg.bytes.toString());
    }
});

test('fits 400 pixels', async ({ page, open }) => {
    await page.setViewportSize({ width: 400, height: 800 });
    for (const name of ['drift', 'drift-hostile', 'drift-equal']) {
        await open(name);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    }
});

test('says where it came from', async ({ page, open }) => {
    await open('drift');
    await page.getByText('Where this came from').click();
    await expect(page.locator('details.provenance')).toContainText('prompts_hash');
});
