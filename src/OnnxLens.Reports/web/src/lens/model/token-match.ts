import { type LensRun } from './lens-run';
import { type ChosenToken, isExact } from './token-reading';

/**
 * Tokens that the user chose have the id of the first run or, where that does not name it, of the second. Two models can have
 * other ids, so that the other run is asked for the token of the same text.
 */

/** Stands for a token of which a run knows nothing. */
export const NO_TOKEN = -1;

/** The run that names a chosen token. */
export const namingRun = (id: number, first: LensRun, second: LensRun | null): LensRun =>
    second !== null && !first.knows(id) ? second : first;

/** The id that a run has for a chosen one; `NO_TOKEN` where it names none of this text. */
export const chosenIdIn = (run: LensRun, first: LensRun, second: LensRun | null, id: number): number =>
    idIn(run, namingRun(id, first, second), id);

/** The token of a colour mode as a run has it. */
export const tokenIn = (run: LensRun, first: LensRun, second: LensRun | null, chosen: ChosenToken): ChosenToken =>
    chosen === 'next' ? chosen : chosenIdIn(run, first, second, chosen);

/** The id under which a token of one of the runs is chosen; null where the first run has another token under the second's id. */
export function choosableId(run: LensRun, first: LensRun, id: number): number | null {
    const own = idIn(first, run, id);
    return own !== NO_TOKEN ? own : first.knows(id) ? null : id;
}

/** What is said of the shown runs' cells in which a chosen token has no known rank; null where each cell knows it. */
export function unknownRank(
    shown: readonly LensRun[],
    first: LensRun,
    second: LensRun | null,
    chosen: ChosenToken,
): string | null {
    const words = shown.map((run) => {
        const own = tokenIn(run, first, second, chosen);
        return own === NO_TOKEN ? 'not known' : isExact(run, own) ? null : `rank ${run.topK} or more`;
    });
    if (words.every((text) => text === words[0])) {
        return words[0] ?? null;
    }
    const said = words.flatMap((text, index) =>
        text === null ? [] : [`${text} in the ${shown[index] === first ? 'first' : 'second'} run`],
    );
    return said.join(', ');
}

/** The id in a run of a token that another names. Where the tokenizers are the same by hash, ids are. */
function idIn(run: LensRun, naming: LensRun, id: number): number {
    const isSame = run === naming || sameTokenizer(run, naming);
    return isSame || !naming.knows(id) ? id : run.idOf(naming.text(id), id);
}

const sameTokenizer = ({ provenance: a }: LensRun, { provenance: b }: LensRun): boolean =>
    typeof a['tokenizer_hash'] === 'string' && a['tokenizer_hash'] === b['tokenizer_hash'];
