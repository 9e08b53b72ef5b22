// Builds each page into one file that needs nothing else: ../Pages/Built/{lens,sweep,drift}.html.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { notices } from './notices.mjs';
import { sourceHash } from './sources.mjs';

const web = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const built = path.resolve(web, '..', 'Pages', 'Built');

/** The name under which a Content-Security-Policy admits an inline element. */
const admitted = (text) => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

/** A script's text in a form that cannot end its element. */
const contained = (script) => script.replaceAll(/<(?=\/script|!--)/gi, '\\x3C').trim();

async function bundle(page) {
    const result = await build({
        root: web,
        configFile: false,
        logLevel: 'warn',
        build: {
            write: false,
            target: 'es2022',
            modulePreload: false,
            cssCodeSplit: false,
            rollupOptions: { input: path.join(web, 'src', page, 'main.ts'), output: { format: 'iife' } },
        },
    });
    const output = (Array.isArray(result) ? result[0] : result).output;
    const chunks = output.filter((file) => file.type === 'chunk');
    const script = chunks.map((file) => file.code);
    const style = output
        .filter((file) => file.type === 'asset' && file.fileName.endsWith('.css'))
        .map((file) => String(file.source));
    if (script.length !== 1 || output.length !== script.length + style.length) {
        throw new Error(
            `The page ${page} is not one script and its style: ${output.map((file) => file.fileName).join(', ')}.`,
        );
    }
    return {
        script: contained(script[0]),
        style: style.join('').trim(),
        licences: await notices(chunks[0].moduleIds),
    };
}

const titles = { lens: 'Logit lens', sweep: 'Steering sweep', drift: 'Drift' };

async function write(page, title, template, sources) {
    const { script, style, licences } = await bundle(page);
    const policy = [
        "default-src 'none'",
        `script-src ${admitted(script)}`,
        `style-src ${admitted(style)}`,
        'img-src data: blob:',
        "base-uri 'none'",
        "form-action 'none'",
    ].join('; ');
    const values = { policy, sources, title, licences, style, script };
    const html = template.replaceAll(/%(policy|sources|title|licences|style|script)%/g, (_, name) => values[name]);
    await writeFile(path.join(built, `${page}.html`), html);
}

const sources = await sourceHash(web);
const template = await readFile(path.join(web, 'page.html'), 'utf8');
await mkdir(built, { recursive: true });
for (const [page, title] of Object.entries(titles)) {
    await write(page, title, template, sources);
}
