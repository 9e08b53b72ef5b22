import { type Json } from '../../shared/provenance';
import { type Run, type RunArray, RunError } from '../../shared/run';
import { tokenForm, type TokenForm, visibleStart } from '../../shared/visible-text';
import { type Steering, steeringOf } from './steering';

/** A token of the sequence. */
export interface SequenceToken {
    readonly id: number;
    readonly phase: 'prompt' | 'generated';
}

/** A hook point: axis 0 of the arrays. */
export interface Point {
    readonly site: string;
    readonly layer: number;
    /** Whether the value is the residual stream itself; else the lens is one of a component. */
    readonly residual: boolean;
}

/**
 * The lens of one sequence, as the file has it. Arrays are row-major over [point, position] and then k or target;
 * log-probabilities are natural and over the whole vocabulary, ranks count from 0, undefined is NaN and −1.
 */
export class LensRun {
    readonly tokens: readonly SequenceToken[];
    readonly points: readonly Point[];
    readonly provenance: Readonly<Record<string, Json>>;
    readonly sequence: number;
    /** The name of the sequence where it is one of many. */
    readonly name: string | null;
    readonly topK: number;
    /** What was steered. */
    readonly steering: Steering;
    readonly positions: Int32Array;
    readonly targets: Int32Array;
    readonly topIds: Int32Array;
    readonly topLogProbs: Float32Array;
    readonly logSumExp: Float32Array;
    readonly entropy: Float32Array;
    readonly kl: Float32Array;
    readonly nextLogProbs: Float32Array;
    readonly nextRanks: Int32Array;
    readonly targetLogProbs: Float32Array;
    readonly targetRanks: Int32Array;
    private readonly special: ReadonlySet<number> | null;
    private readonly texts: ReadonlyMap<number, string>;
    private ids: ReadonlyMap<string, number> | null = null;

    constructor({ header, arrays }: Run) {
        this.tokens = list(header['tokens'], 'tokens') as readonly SequenceToken[];
        this.points = list(header['points'], 'points') as readonly Point[];
        this.provenance = members(header['provenance'], 'provenance') as Readonly<Record<string, Json>>;
        this.sequence = Number(header['sequence'] ?? 0);
        this.name = typeof header['name'] === 'string' ? header['name'] : null;
        this.topK = Number(header['top_k']);
        const texts = Object.entries(members(header['texts'], 'texts'));
        this.texts = new Map(texts.map(([id, text]) => [Number(id), String(text)]));
        this.special = Array.isArray(header['special']) ? new Set(header['special'].map(Number)) : null;
        this.steering = steeringOf(this.provenance['steering'], header['steered'], this.tokens.length, (id) =>
            visibleStart(this.text(id), 24),
        );
        const reader = new ArrayReader(arrays);
        this.positions = reader.whole('positions');
        this.targets = reader.whole('targets');
        const cells = this.points.length * this.positions.length;
        this.topIds = reader.whole('top_ids', cells * this.topK);
        this.topLogProbs = reader.real('top_logprobs', cells * this.topK);
        this.logSumExp = reader.real('logsumexp', cells);
        this.entropy = reader.real('entropy', cells);
        this.kl = reader.real('kl_final_lens', cells);
        this.nextLogProbs = reader.real('next_logprobs', cells);
        this.nextRanks = reader.whole('next_ranks', cells);
        this.targetLogProbs = reader.real('target_logprobs', cells * this.targets.length);
        this.targetRanks = reader.whole('target_ranks', cells * this.targets.length);
        if (this.positions.some((position) => position < 0 || position >= this.tokens.length)) {
            throw new RunError('The data of this file has a position that its sequence does not have.');
        }
    }

    /** The names of the sites, in the order of the file. */
    get sites(): readonly string[] {
        return [...new Set(this.points.map((point) => point.site))];
    }

    /** Whether a site is the residual stream. */
    isResidual(site: string): boolean {
        return this.points.some((point) => point.site === site && point.residual);
    }

    /** The index of a cell in the arrays of cells. */
    cell(point: number, positionIndex: number): number {
        return point * this.positions.length + positionIndex;
    }

    /** The place of a cell's position on the axis of positions. */
    positionIndexOf(cell: number): number {
        return cell % this.positions.length;
    }

    /** Whether the run names an id. */
    knows(id: number): boolean {
        return this.texts.has(id);
    }

    /** The text of an id, as files have it. */
    text(id: number): string {
        return this.texts.get(id) ?? `<id ${id}>`;
    }

    /** What an id is; control tokens as the tokenizer has them or, where the run has none, by their spelling. */
    form(id: number): TokenForm {
        const form = tokenForm(this.text(id));
        if (this.special === null || form === 'missing') {
            return form;
        }
        return this.special.has(id) ? 'special' : form === 'special' ? 'text' : form;
    }

    /** The id of a text: the given one where it has it, for several can have one text; else the first that does, −1 where none does. */
    idOf(text: string, preferred: number): number {
        this.ids ??= new Map([...this.texts].reverse().map(([id, named]) => [named, id]));
        return this.texts.get(preferred) === text ? preferred : (this.ids.get(text) ?? -1);
    }

    /** Ids with a text here. */
    get knownIds(): Iterable<number> {
        return this.texts.keys();
    }

    /** The id at a position of the sequence; −1 beyond its end. */
    tokenId(position: number): number {
        return this.tokens[position]?.id ?? -1;
    }

    /** The id of the token that follows the one of a cell; −1 where none does. */
    nextId(cell: number): number {
        return this.tokenId((this.positions[this.positionIndexOf(cell)] ?? -2) + 1);
    }

    topId(cell: number, rank = 0): number {
        return this.topIds[cell * this.topK + rank] ?? -1;
    }

    topLogProb(cell: number, rank = 0): number {
        return this.topLogProbs[cell * this.topK + rank] ?? NaN;
    }
}

/** Takes arrays by name and checks that they are what they should be. */
class ArrayReader {
    constructor(private readonly arrays: ReadonlyMap<string, RunArray>) {}

    whole(name: string, length?: number): Int32Array {
        const array = this.arrays.get(name);
        return array instanceof Int32Array && fits(array, length) ? array : missing(name);
    }

    real(name: string, length: number): Float32Array {
        const array = this.arrays.get(name);
        return array instanceof Float32Array && fits(array, length) ? array : missing(name);
    }
}

const fits = (array: RunArray, length: number | undefined): boolean => length === undefined || array.length === length;

function missing(name: string): never {
    throw new RunError(`The data of this file lacks '${name}', or has it in another form.`);
}

const list = (value: unknown, name: string): readonly unknown[] => (Array.isArray(value) ? value : missing(name));

const members = (value: unknown, name: string): Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : missing(name);
