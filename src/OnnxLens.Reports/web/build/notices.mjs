import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The folder of the package that a module is part of; null where it is of this project, or of the bundler. */
function packageFolder(module) {
    const match = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module);
    return match === null || module.startsWith('\0') ? null : match[1];
}

async function noticeOf(folder) {
    const { name, version } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).sort().find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
    if (file === undefined) {
        throw new Error(`The package ${name} has no licence file, and is part of a page.`);
    }
    const text = (await readFile(path.join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim();
    return { name: `${name} ${version}`, text };
}

/**
 * The copyright and permission notices of the packages of these modules, by name, for an HTML comment: a text of several
 * packages stands once, and nothing in it can end the comment.
 */
export async function notices(modules) {
    const folders = [...new Set(modules.map(packageFolder))].filter((folder) => folder !== null);
    const all = (await Promise.all(folders.map(noticeOf))).sort((a, b) => (a.name < b.name ? -1 : 1));
    const names = new Map();
    for (const { name, text } of all) {
        names.set(text, [...(names.get(text) ?? []), name]);
    }
    const parts = [...names].map(([text, packages]) => `${packages.join(', ')}:\n\n${text}`);
    return `\nThis page contains:\n\n${parts.join('\n\n')}\n`.replaceAll(/-(?=-)/g, '- ');
}
