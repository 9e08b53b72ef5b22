import { nameText } from '../../shared/name-text';
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

/** Where runs came from, for a picture: prompt, folder of the bundle and program, each once where it is the same of all. */
export const originLines = (runs: readonly LensRun[]): string[] => [
    ...distinctOf(runs, (run) => `Prompt: ${nameText(promptText(run), 240)}`),
    ...distinctOf(runs, (run) => {
        const folder = folderText(run);
        return [
            ...(folder === null ? [] : [`Bundle folder: ${nameText(folder, 120)}`]),
            nameText(String(run.provenance['tool'] ?? '?')),
        ].join('; ');
    }),
];

function distinctOf(runs: readonly LensRun[], words: (run: LensRun) => string): string[] {
    const said = runs.map(words);
    return new Set(said).size === 1
        ? said.slice(0, 1)
        : said.map((text, index) => `${index === 0 ? 'First' : 'Second'} run: ${text}`);
}
