import { element } from './dom';
import { readRun, type Run, RunError, type RunKind, runTexts } from './run';

/** Shows the first run of a page. Each further one is asked for where it is wanted, and throws where it could not be read. */
export type Show = (page: HTMLElement, first: Run, others: readonly (() => Run)[]) => void;

/**
 * Reads the runs of this page and shows them; what goes wrong is said in the page. When it can be used, or has said why it cannot,
 * its root gets `data-ready="true"` and the mark `onnxlens-ready` is set.
 */
export async function startPage(kind: RunKind, show: Show): Promise<void> {
    const page = document.getElementById('page') ?? document.body;
    try {
        const [first, ...others] = await ownRuns(kind);
        show(page, first(), others);
    } catch (failure) {
        page.replaceChildren(element('h1', {}, document.title), problem(failure));
    }
    // Within the next frame everything has its place and is painted.
    requestAnimationFrame(() => {
        performance.mark('onnxlens-ready');
        document.documentElement.dataset['ready'] = 'true';
    });
}

/** An error in words, as an alert, behind what it is about where that is said. */
export function problem(failure: unknown, about = ''): HTMLElement {
    const text = failure instanceof RunError ? failure.message : `This page failed: ${String(failure)}`;
    return element('p', { class: 'problem', role: 'alert' }, `${about}${text}`);
}

async function ownRuns(kind: RunKind): Promise<[() => Run, ...(() => Run)[]]> {
    if (typeof DecompressionStream === 'undefined') {
        throw new RunError(
            'This browser is too old to unpack the data of this page. Browsers from 2023 on can: Chrome or Edge 80, Firefox 113, Safari 16.4.',
        );
    }
    const [first, ...others] = await Promise.allSettled(runTexts(document).map((text) => ofKind(kind, text)));
    if (first === undefined) {
        throw new RunError('This file holds no data. Write it again with --html.');
    }
    return [() => fulfilled(first), ...others.map((other) => () => fulfilled(other))];
}

async function ofKind(kind: RunKind, text: string): Promise<Run> {
    const run = await readRun(text);
    if (run.header.kind !== kind) {
        throw new RunError(`The data of this file is of the kind ${run.header.kind}; this page reads ${kind}.`);
    }
    return run;
}

function fulfilled(result: PromiseSettledResult<Run>): Run {
    if (result.status === 'rejected') {
        throw result.reason;
    }
    return result.value;
}
