import { readRun, type Run, RunError, type RunKind } from './run';

const ELEMENT = /<script type="application\/vnd\.onnxlens\.run">([A-Za-z0-9+/=\s]*)<\/script>/g;

/** The runs of another page that the user gives. Its text is searched for data; nothing of it becomes part of this page. */
export async function readPageFile(file: File, kind: RunKind): Promise<Run[]> {
    const text = await file.text();
    const runs = await Promise.all([...text.matchAll(ELEMENT)].map((match) => readRun(match[1] ?? '')));
    if (runs.length === 0) {
        throw new RunError(`${file.name} holds no run: it is not a page that onnxlens wrote.`);
    }
    const other = runs.find((run) => run.header.kind !== kind);
    if (other !== undefined) {
        throw new RunError(`${file.name} is a page of the kind ${other.header.kind}; this page reads ${kind}.`);
    }
    return runs;
}

/** Calls back with a file that is dropped onto the page, and marks the page while one is held over it. */
export function onFileDropped(opened: (file: File) => void): void {
    const over = (event: DragEvent, is: boolean): void => {
        if (event.dataTransfer?.types.includes('Files') === true) {
            event.preventDefault();
            document.body.classList.toggle('drop', is);
        }
    };
    addEventListener('dragover', (event) => over(event, true));
    addEventListener('dragleave', (event) => over(event, false));
    addEventListener('drop', (event) => {
        over(event, false);
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) {
            opened(file);
        }
    });
}
