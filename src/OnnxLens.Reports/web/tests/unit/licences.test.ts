import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };

describe.each(['lens', 'sweep', 'drift'])('the page %s', (page) => {
    const head = read(`../Pages/Built/${page}.html`).split('</head>')[0] ?? '';
    const comment = /<!--(.*?)--!?>/s.exec(head)?.[1] ?? '';

    test('has the notices of the packages that it holds, in a comment that ends where it should', () => {
        expect(comment).toContain('This page contains:');
        const names = Object.keys(dependencies).filter((name) => comment.includes(`${name} `));
        expect(names).toContain('d3-scale');
        for (const name of names) {
            expect(comment).toContain(read(`node_modules/${name}/LICENSE`).trim());
        }
        expect(head.split(comment)[1]).toMatch(/^-->\n<style>/);
    });

    test('names every package of which code is in it', () => {
        const packages = [...comment.matchAll(/(\S+) (\d+\.\d+\.\d+)(?=, |:\n)/g)];
        expect(packages.length).toBeGreaterThan(2);
        for (const [, name = '', version] of packages) {
            expect((JSON.parse(read(`node_modules/${name}/package.json`)) as { version: string }).version).toBe(
                version,
            );
        }
    });
});
