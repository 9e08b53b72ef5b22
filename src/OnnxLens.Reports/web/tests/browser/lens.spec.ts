import AxeBuilder from '@axe-core/playwright';
import { LensParts } from './support/lens';
import { expect, test } from './support/test';

test.describe('the grid', () => {
    test('is moved in with the keyboard, and says each cell', async ({ page, open }) => {
        await open('small');
        const lens = new LensParts(page);
        await lens.grid.focus();
        await expect(lens.grid).toHaveAttribute('aria-rowcount', '80');
        await expect(lens.grid).toHaveAttribute('aria-colcount', '14');
        await expect(lens.cell).toHaveText(/^layer 79, position 8, prompt token /);
        await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('ArrowDown');
        await expect(lens.cell).toHaveText(/^layer 78, position 7, /);
        await page.keyboard.press('Control+Home');
        await expect(lens.cell).toHaveText(/^layer 79, position 0, prompt token <s> \(special\)/);
        await page.keyboard.press('PageDown');
        await expect(lens.cell).not.toHaveText(/^layer 79/);
        await page.keyboard.press('Control+End');
        await expect(lens.cell).toHaveText(/^layer 0, position 13, /);
        const active = (await lens.grid.getAttribute('aria-activedescendant')) ?? '';
        await expect(lens.cell).toHaveAttribute('id', active);
    });

    test('pins a cell with Enter and lets it go with Escape', async ({ page, open }) => {
        await open('small');
        const lens = new LensParts(page);
        await lens.grid.focus();
        await page.keyboard.press('Enter');
        await expect(lens.panel).toContainText('Layer 79, position 8 · pinned');
        await page.keyboard.press('ArrowLeft');
        await expect(lens.panel).toContainText('Layer 79, position 8 · pinned');
        await page.keyboard.press('Escape');
        await expect(lens.panel).toContainText('Layer 79, position 7');
    });

    test('shows the cell under the pointer, and pins it with a click', async ({ page, open }) => {
        await open('demo');
        const lens = new LensParts(page);
        const box = await lens.grid.boundingBox();
        await page.mouse.move((box?.x ?? 0) + 240, (box?.y ?? 0) + 55);
        await expect(page.locator('.tooltip')).toBeVisible();
        await expect(page.locator('.tooltip')).toContainText('L5');
        await page.mouse.down();
        await page.mouse.up();
        await expect(lens.panel).toContainText('· pinned');
        await page.mouse.move(2, 2);
        await expect(page.locator('.tooltip')).toBeHidden();
    });

    test('shows in the tooltip what the site has that is shown', async ({ page, open }) => {
        await open('sites');
        const box = await new LensParts(page).grid.boundingBox();
        const [x, y] = [(box?.x ?? 0) + 240, (box?.y ?? 0) + 55];
        const tooltip = page.locator('.tooltip');
        await page.mouse.move(x, y);
        await expect(tooltip).toBeVisible();
        const before = (await tooltip.textContent()) ?? '';
        await page.evaluate(() => {
            location.hash = '#site=mlp_in';
        });
        await expect(new LensParts(page).control('Site')).toHaveValue('mlp_in');
        await page.mouse.move(x + 1, y);
        await expect(tooltip).toBeVisible();
        await expect(tooltip).not.toHaveText(before);
    });

    test('tells prompt from generated tokens', async ({ page, open }) => {
        await open('small', '#zoom=1');
        // The bar below the headers of positions 8 and 9: the prompt has 9 tokens.
        const lens = new LensParts(page);
        const [prompt, generated] = await lens.pixels([46 + 8.5 * 36, 39], [46 + 9.5 * 36, 39]);
        expect(prompt).not.toBe(generated);
        await expect(lens.legend).toContainText('generated');
    });

    test('is painted as sharp as the screen', async ({ browser }) => {
        const context = await browser.newContext({ deviceScaleFactor: 2, viewport: { width: 900, height: 700 } });
        const page = await context.newPage();
        const { urlOf } = await import('./support/fixtures');
        await page.goto(urlOf('demo'));
        await expect(page.locator('html')).toHaveAttribute('data-ready', 'true');
        const [pixels, css] = await page.evaluate(() => {
            const canvas = document.querySelector('canvas');
            return [canvas?.width ?? 0, canvas?.clientWidth ?? 1];
        });
        expect(pixels).toBe(2 * css);
        await context.close();
    });
});

test.describe('controls', () => {
    test('switch the site, and say which is no residual stream', async ({ page, open }) => {
        await open('sites');
        const lens = new LensParts(page);
        await lens.control('Site').selectOption('mlp_out');
        await expect(page.getByText('mlp_out: component lens')).toBeVisible();
        await expect(lens.grid).toHaveAttribute('aria-rowcount', '12');
        await lens.control('Site').selectOption('resid_mid');
        await expect(page.getByText('resid_mid: logit lens of the residual stream')).toBeVisible();
    });

    test('colour by every mode, with a scale that has units', async ({ page, open }) => {
        await open('small');
        const lens = new LensParts(page);
        // A choice is drawn in the next frame.
        const seen = new Set<string>();
        const seeAnother = async (): Promise<void> => {
            const pixels = async (): Promise<string> => (await lens.pixels([300, 200], [400, 300], [500, 400])).join();
            await expect.poll(async () => seen.has(await pixels())).toBe(false);
            seen.add(await pixels());
        };
        for (const [mode, title] of [
            ['probability', 'Probability of the top token'],
            ['entropy', 'Entropy, nats'],
            ['kl', 'KL(final‖lens), nats'],
            ['rank', 'Rank of ·the'],
        ] as const) {
            await lens.control('Colour').selectOption(mode);
            await expect(lens.legend).toContainText(title);
            await seeAnother();
        }
        await lens.control('Colour').selectOption('none');
        await expect(lens.legend).not.toContainText('nats');
        await seeAnother();
    });

    test('know the rank of another token only among the top', async ({ page, open }) => {
        await open('small', '#mode=rank&pins=12');
        const lens = new LensParts(page);
        await lens.control('of').selectOption('12');
        await expect(lens.legend).toContainText('rank 5 or more');
        await lens.control('of').selectOption('10');
        await expect(lens.legend).not.toContainText('or more');
    });

    test('leave layers out, but never the last', async ({ page, open }) => {
        await open('small');
        const lens = new LensParts(page);
        await lens.control('Layers').selectOption('4');
        await expect(lens.grid).toHaveAttribute('aria-rowcount', '20');
        await expect(lens.cell).toHaveText(/^layer 79/);
    });

    test('size and turn the grid', async ({ page, open }) => {
        await open('small');
        const lens = new LensParts(page);
        const width = () => lens.grid.evaluate((grid) => grid.scrollWidth);
        const before = await width();
        await page.getByRole('button', { name: 'Larger cells' }).click();
        await expect.poll(width).toBeGreaterThan(before);
        for (let i = 0; i < 5; i++) {
            await page.keyboard.press('-');
        }
        await expect(page.getByRole('button', { name: 'Smaller cells' })).toBeDisabled();
        await page.getByRole('button', { name: 'Transpose' }).click();
        await expect(lens.grid).toHaveAttribute('aria-rowcount', '14');
        await lens.grid.focus();
        await page.keyboard.press('ArrowLeft');
        await expect(lens.cell).toHaveText(/^layer 78, position 8/);
    });

    test('make it light or dark', async ({ page, open }) => {
        await open('demo');
        const lens = new LensParts(page);
        const theme = page.getByRole('button', { name: /^Theme/ });
        await theme.click();
        await expect(theme).toHaveText('Theme: light');
        const light = await lens.pixels([5, 5]);
        await theme.click();
        await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
        await expect.poll(() => lens.pixels([5, 5])).not.toEqual(light);
        await expect.poll(() => page.url()).toContain('theme=dark');
        await page.evaluate(() => {
            location.hash = '#theme=light';
        });
        await expect(theme).toHaveText('Theme: light');
    });

    test('close the menu with Escape, and leave the pinned cell', async ({ page, open }) => {
        await open('demo', '#pinned=2.1');
        const lens = new LensParts(page);
        await page.getByRole('button', { name: 'Save' }).click();
        await expect(page.getByRole('button', { name: 'Cells, CSV' })).toBeVisible();
        await page.keyboard.press('Escape');
        await expect(page.getByRole('button', { name: 'Cells, CSV' })).toBeHidden();
        await expect(lens.panel).toContainText('· pinned');
        await page.keyboard.press('Escape');
        await expect(lens.panel).not.toContainText('· pinned');
    });

    test('list the keys', async ({ page, open }) => {
        await open('demo');
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog', { name: 'Keys' })).toBeHidden();
    });
});

test.describe('the panel and the trajectories', () => {
    test('have the numbers of a cell, and draw a token that is pinned', async ({ page, open }) => {
        await open('small', '#pins=');
        const lens = new LensParts(page);
        await expect(lens.trajectories).toContainText('Nothing is drawn');
        await expect(lens.panel.getByRole('table', { name: 'Top tokens' }).getByRole('row')).toHaveCount(6);
        await expect(lens.panel.getByRole('table', { name: 'Targets' }).getByRole('row')).toHaveCount(3);
        const pin = lens.panel.getByRole('table', { name: 'Targets' }).getByRole('button').first();
        await pin.focus();
        await page.keyboard.press('Space');
        await expect(pin).toHaveAttribute('aria-pressed', 'true');
        await expect(pin).toBeFocused();
        await expect(lens.trajectories.getByRole('img', { name: /^probability over the layers/ })).toBeVisible();
        await lens.trajectories.getByLabel('Show').selectOption('rank');
        await expect(lens.trajectories.getByRole('img', { name: /^rank \(0 is the top\) over/ })).toBeVisible();
        await expect(lens.trajectories.locator('.axis').nth(1).locator('text')).not.toHaveCount(1);
        await lens.trajectories.getByRole('button', { name: /^Drop the trajectory/ }).click();
        await expect(lens.trajectories).toContainText('Nothing is drawn');
    });

    test('follow entropy and KL at the selected positions, whatever is pinned', async ({ page, open }) => {
        await open('small', '#pins=&pinned=79.5&cursor=79.8');
        const lens = new LensParts(page);
        for (const [measure, title] of [
            ['entropy', /^entropy, nats over the layers, resid_post: position 5, position 8$/],
            ['kl', /^KL\(final‖lens\), nats over the layers, resid_post: position 5, position 8$/],
        ] as const) {
            await lens.trajectories.getByLabel('Show').selectOption(measure);
            const chart = lens.trajectories.getByRole('img', { name: title });
            await expect(chart).toBeVisible();
            await expect(chart.locator('.plot path[stroke-width="2"]')).toHaveCount(2);
        }
        await expect(lens.trajectories.getByRole('listitem').first()).toHaveText(/^position 5, pinned: /);
        await page.keyboard.press('Escape');
        await expect(lens.trajectories.getByRole('listitem')).toHaveCount(1);
    });

    test('say where a token is not known', async ({ page, open }) => {
        await open('small', '#pins=12');
        await expect(new LensParts(page).trajectories).toContainText(
            /Gaps: .* in 8\d? of 80 layers.*its rank is 5 or more/,
        );
    });

    test('say that a cell is undefined', async ({ page, open }) => {
        await open('undefined', '#cursor=2.0');
        const lens = new LensParts(page);
        await expect(lens.panel).toContainText('Undefined');
        await expect(lens.cell).toHaveText(/undefined, the activation was not a number/);
    });
});

test.describe('steering', () => {
    test('is marked in the cells, full at its site and hollow at another one', async ({ page, open }) => {
        await open('steered', '#mode=none&zoom=3&cursor=0.0');
        const lens = new LensParts(page);
        await expect(lens.legend).toContainText('steered at this site');
        await expect(lens.legend).toContainText('steered in this layer, at another site');
        await expect(lens.legend).toContainText(
            'Steered at mlp_in.3 with bold.safetensors (add 1.5) at positions label; resid_post.7 with calm.safetensors (add-norm 10%)',
        );
        const corner = (position: number, layer: number): [number, number] => [
            46 + position * 76 + 2,
            42 + (11 - layer) * 22 + 2,
        ];
        const pixels = (): Promise<string[]> => lens.pixels(corner(2, 7), corner(1, 7), corner(2, 9), corner(2, 3));
        // Of layer 7 positions 2 to 4 of the prompt, of layer 9 all.
        const [steered, plain, all, other] = await pixels();
        expect([steered, all, other]).toEqual([all, steered, plain]);
        expect(steered).not.toBe(plain);
        await lens.control('Site').selectOption('mlp_in');
        await expect.poll(async () => (await pixels())[0]).toBe(plain);
    });

    test('is said of a cell: to those who hear it, in the panel and in the tooltip', async ({ page, open }) => {
        await open('steered', '#cursor=7.3');
        const lens = new LensParts(page);
        await expect(lens.cell).toHaveText(/; steered here with calm\.safetensors \(add-norm 10%\)$/);
        await expect(lens.panel).toContainText('Steered here with calm.safetensors (add-norm 10%).');
        await lens.grid.focus();
        await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('ArrowLeft');
        await expect(lens.cell).toHaveText(/^layer 7, position 1,/);
        await expect(lens.cell).not.toHaveText(/steered/);
        await expect(lens.panel).not.toContainText('Steered');
        const box = await lens.grid.boundingBox();
        const [left, top] = [box?.x ?? 0, box?.y ?? 0];
        await lens.grid.evaluate((grid) => grid.scrollTo(0, 0));
        await page.mouse.move(left + 46 + 11.5 * 76 - 76, top + 42 + 2.5 * 22);
        await expect(page.locator('.tooltip')).toContainText('steered here with calm.safetensors (ablate 1)');
    });
});

test.describe('the origin of a run', () => {
    test('has the prompt, whole where it is asked for, and the folder of the bundle', async ({ page, open }) => {
        await open('steered');
        const runs = page.getByRole('region', { name: 'Runs and their provenance' });
        const prompt = runs.getByRole('definition').first();
        await expect(prompt).toContainText('Line 0 of a prompt with <b>markup</b> & "quotes".\nLine 1 of');
        await expect(prompt).not.toContainText('Line 89');
        await runs.getByRole('button', { name: /^Show all 4\d{3} characters$/ }).click();
        await expect(prompt).toContainText('Line 89');
        await runs.getByRole('button', { name: 'Show the beginning alone' }).click();
        await expect(prompt).not.toContainText('Line 89');
        await expect(runs.getByRole('definition').nth(1)).toHaveText('bundles/made-up');
        await expect(page.getByText(/^Prompt: Line 0 of a prompt/)).toBeVisible();
    });
});

test.describe('search', () => {
    test('counts matches and goes through them', async ({ page, open }) => {
        await open('demo');
        const lens = new LensParts(page);
        await page.keyboard.press('/');
        await expect(lens.search).toBeFocused();
        await page.keyboard.type('germany');
        await expect(page.getByRole('search')).toContainText(/^.*\d+ match/);
        await page.keyboard.press('Enter');
        await expect(page.getByRole('search')).toContainText(/1 of \d+ match/);
        await expect(lens.cell).toHaveText(/Germany/);
        await page.keyboard.press('Shift+Enter');
        await expect(page.getByRole('search')).toContainText(/(\d+) of \1 match/);
        await page
            .getByRole('search')
            .getByRole('button', { name: /^Trajectory of ·Germany/ })
            .click();
        await page.getByRole('button', { name: 'Next match' }).click();
        await lens.search.fill('no such token at all');
        await expect(page.getByRole('search')).toContainText('no match');
        await page.keyboard.press('Escape');
        await expect(lens.search).toHaveValue('');
    });
});

test.describe('the address', () => {
    test('brings the page back as it was', async ({ page, open }) => {
        await open('sites');
        const lens = new LensParts(page);
        await lens.control('Site').selectOption('attn_out');
        await lens.control('Colour').selectOption('kl');
        await lens.control('Layers').selectOption('2');
        await lens.grid.focus();
        await page.keyboard.press('Home');
        await page.keyboard.press('Enter');
        await expect(lens.panel).toContainText('position 0 · pinned');
        await expect.poll(() => page.url()).toContain('pinned=');
        const { hash } = new URL(page.url());
        await page.goto('about:blank');
        await open('sites', hash);
        await expect(lens.control('Site')).toHaveValue('attn_out');
        await expect(lens.control('Colour')).toHaveValue('kl');
        await expect(lens.control('Layers')).toHaveValue('2');
        await expect(lens.panel).toContainText('position 0 · pinned');
        expect(new URL(page.url()).hash).toBe(hash);
    });

    test('is followed while the page is open', async ({ page, open }) => {
        await open('sites');
        await page.evaluate(() => {
            location.hash = '#site=mlp_in';
        });
        await expect(new LensParts(page).control('Site')).toHaveValue('mlp_in');
    });

    for (const [hash, position] of [
        ['#site=%3Cscript%3E&mode=9&pins=x&cursor=-1&zoom=1e9', 8],
        ['#%E0%A4%A', 8],
        ['#cursor=999999.999999&stride=998', 13],
    ] as const) {
        test(`may be broken: ${hash}`, async ({ page, open }) => {
            await open('small', hash);
            await expect(new LensParts(page).cell).toHaveText(new RegExp(`^layer 79, position ${position},`));
        });
    }
});

test('fits a narrow screen', async ({ page, open }) => {
    await page.setViewportSize({ width: 400, height: 800 });
    for (const name of ['small', 'beside', 'hostile']) {
        await open(name);
        const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        expect(content).toBeLessThanOrEqual(window ?? 0);
    }
});

test('shows and copies where the run came from', async ({ page, open, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await open('hostile');
    await page.getByText('Provenance', { exact: true }).click();
    await expect(page.getByRole('definition').filter({ hasText: 'onmouseover' }).first()).toBeVisible();
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await expect(page.getByText('Copied.')).toBeVisible();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as { steering: unknown[] };
    expect(copied.steering).toHaveLength(1);
});

for (const colorScheme of ['light', 'dark'] as const) {
    test(`has no serious accessibility finding with everything open, ${colorScheme}`, async ({ page, open }) => {
        await page.emulateMedia({ colorScheme });
        await open('beside', '#mode=delta-logprob&pinned=19.5&pins=1,2,3,4,5,6,7,10');
        await page.getByText('Provenance of the first run').click();
        await new LensParts(page).search.fill('le');
        await page.getByRole('button', { name: 'Save' }).click();
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, impact, nodes }) => `${impact} ${id} ${nodes[0]?.html}`)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Keys ?' }).click();
        const dialog = await new AxeBuilder({ page }).include('dialog').analyze();
        expect(dialog.violations.map(({ id }) => id)).toEqual([]);
    });
}

test("keeps the focus and the system's colours of those who need them", async ({ page, open }) => {
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
    await open('demo');
    const lens = new LensParts(page);
    await lens.grid.focus();
    const outline = await lens.grid.evaluate((grid) => getComputedStyle(grid).outlineStyle);
    await page.keyboard.press('ArrowUp');
    expect(outline).not.toBe('none');
    await expect(lens.cell).toHaveText(/^layer 5/);
});
