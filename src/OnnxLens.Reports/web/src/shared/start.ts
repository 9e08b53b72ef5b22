import { element } from './dom';
import { readRun, type Run, RunError, type RunKind, runTexts } from './run';

/**
 * Reads the runs of this page and shows them; what goes wrong is said in the page. When it can be used, or has said why it cannot,
 * its root gets `data-ready="true"` and the mark `onnxlens-ready` is set.
 */
export async function startPage(kind: RunKind, show: (page: HTMLElement, runs: Run[]) => void): Promise<void> {
    const page = document.getElementById('page') ?? document.body;
    try {
        show(page, await ownRuns(kind));
    } catch (failure) {
        page.replaceChildren(element('h1', {}, document.title), problem(failure));
    }
    // Within the next frame everything has its place and is painted.
    requestAnimationFrame(() => {
        performance.mark('onnxlens-ready');
        document.documentElement.dataset['ready'] = 'true';
    });
}

/** An error in words, as an alert. */
export function problem(failure: unknown): HTMLElement {
    const text = failure instanceof RunError ? failure.message : `This page failed: ${String(failure)}`;
    return element('p', { class: 'problem', role: 'alert' }, text);
}

async function ownRuns(kind: RunKind): Promise<Run[]> {
    if (typeof DecompressionStream === 'undefined') {
        throw new RunError(
            'This browser is too old to unpack the data of this page. Browsers from 2023 on can: Chrome or Edge 80, Firefox 113, Safari 16.4.',
        );
    }
    const texts = runTexts(document);
    if (texts.length === 0) {
        throw new RunError('This file holds no data. Write it again with --html.');
    }
    const runs = await Promise.all(texts.map(readRun));
    const other = runs.find((run) => run.header.kind !== kind);
    if (other !== undefined) {
        throw new RunError(`The data of this file is of the kind ${other.header.kind}; this page reads ${kind}.`);
    }
    return runs;
}
