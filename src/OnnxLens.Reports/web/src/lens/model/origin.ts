import { type LensRun } from './lens-run';

/** The prompt of a run as its text: as it was given or, where that was ids, as the texts of their tokens. */
export function promptText(run: LensRun): string {
    const { prompt } = run.provenance;
    const ofTokens = (): string =>
        run.tokens.flatMap(({ id, phase }) => (phase === 'prompt' ? [run.text(id)] : [])).join('');
    return typeof prompt === 'string' ? prompt : ofTokens();
}

/** Whether the prompt was given as text. */
export const isPromptText = (run: LensRun): boolean => typeof run.provenance['prompt'] === 'string';

/** The bundle's folder as the run was given it; null where the run does not say. */
export function folderText({ provenance: { folder } }: LensRun): string | null {
    return typeof folder === 'string' ? folder : null;
}
