import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Folders and files that a build reads, relative to this project. */
const inputs = ['build', 'package-lock.json', 'package.json', 'page.html', 'src', 'tsconfig.json'];

async function filesUnder(root, name) {
    const entries = await readdir(path.join(root, name), { withFileTypes: true }).catch((failure) => {
        if (failure.code === 'ENOTDIR') return null;
        throw failure;
    });
    if (entries === null) return [name];
    return (await Promise.all(entries.map((entry) => filesUnder(root, `${name}/${entry.name}`)))).flat();
}

/**
 * SHA-256 of all that a build reads, lower-case hex: of path, line feed, content and line feed of each file, in the order of
 * the paths' code units, with line ends as line feeds.
 */
export async function sourceHash(root) {
    const names = (await Promise.all(inputs.map((name) => filesUnder(root, name)))).flat().sort();
    const hash = createHash('sha256');
    for (const name of names) {
        const text = await readFile(path.join(root, name), 'utf8');
        hash.update(`${name}\n${text.replaceAll('\r\n', '\n')}\n`, 'utf8');
    }
    return hash.digest('hex');
}
