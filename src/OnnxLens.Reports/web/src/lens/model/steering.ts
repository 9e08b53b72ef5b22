import { addTo } from '../../shared/grouping';
import { nameText } from '../../shared/name-text';
import { type Json } from '../../shared/provenance';
import { type Axes } from './axes';
import { type Place } from './view-state';

/** A steering operation of a run. */
export interface SteeringOperation {
    readonly site: string;
    readonly layer: number;
    /** By what: `bold.safetensors (add 1.5)`. */
    readonly what: string;
    /** The positions as the user wrote them; of tokens by id with their texts. */
    readonly asked: string;
    /** Those of the grid at which it was applied; null where the page does not say. */
    readonly positions: ReadonlySet<number> | null;
}

/** How a cell was steered: at the site that is shown, or in its layer at another one. */
export type SteeredAt = 'site' | 'layer';

/** The most operations that a sentence names. */
const NAMED = 3;

/** What was steered in a run, and in which cells. */
export class Steering {
    private readonly ofLayer = new Map<number, SteeringOperation[]>();

    constructor(readonly operations: readonly SteeringOperation[]) {
        operations.forEach((operation) => addTo(this.ofLayer, operation.layer, operation));
    }

    /** The operations of a cell's layer and position, those of its own site first. */
    at(site: string, { layer, position }: Place): readonly SteeringOperation[] {
        const found = this.ofLayer.get(layer)?.filter(({ positions }) => positions?.has(position) === true) ?? [];
        return [...found.filter((one) => one.site === site), ...found.filter((one) => one.site !== site)];
    }

    /** How a cell was steered; null where it was not. */
    mark(site: string, { layer, position }: Place): SteeredAt | null {
        let mark: SteeredAt | null = null;
        for (const { site: own, positions } of this.ofLayer.get(layer) ?? []) {
            if (positions?.has(position) === true) {
                if (own === site) {
                    return 'site';
                }
                mark = 'layer';
            }
        }
        return mark;
    }

    /** Whether anything was steered in a layer. */
    hasLayer(layer: number): boolean {
        return this.ofLayer.get(layer)?.some(({ positions }) => positions !== null && positions.size > 0) === true;
    }

    /** Whether anything was steered at a position. */
    hasPosition(position: number): boolean {
        return this.operations.some(({ positions }) => positions?.has(position) === true);
    }
}

/**
 * The steering of a provenance, with the ranges of positions that a page has beside it, of a sequence of so many tokens; pages of
 * earlier programs have none. `named` gives the text of an id.
 */
export function steeringOf(
    records: Json | undefined,
    ranges: unknown,
    tokens: number,
    named: (id: number) => string,
): Steering {
    const list = Array.isArray(records) ? (records as readonly Json[]) : [];
    return new Steering(
        list.map((record, index) => {
            const { vector, point, operator, strength, positions } = record as Readonly<Record<string, Json>>;
            const [, site = plain(point), layer = '-1'] = /^(\w+)\.(\d{1,6})$/.exec(String(point)) ?? [];
            const file = String(vector).replace(/^.*[\\/]/, '');
            return {
                site,
                layer: Number(layer),
                what: `${plain(file)} (${plain(operator)} ${plain(strength)})`,
                asked: plain(positions).replaceAll(
                    /\bid:(\d{1,9})\b/g,
                    (id, token) => `${id} (${named(Number(token))})`,
                ),
                positions: Array.isArray(ranges) ? positionsOf(ranges[index], tokens) : null,
            };
        }),
    );
}

/** What was steered in a cell, in words; null where nothing was. */
export function steeredWords(steering: Steering, site: string, place: Place): string | null {
    const found = steering.at(site, place);
    if (found.length === 0) {
        return null;
    }
    const here = found.filter((one) => one.site === site).map(({ what }) => what);
    const other = found.filter((one) => one.site !== site).map(({ what, site: own }) => `at ${own} with ${what}`);
    const said = [
        ...(here.length === 0 ? [] : [`steered here with ${listed(here)}`]),
        ...(other.length === 0 ? [] : [`steered in this layer ${listed(other)}`]),
    ];
    return said.join('; ');
}

/** All that was steered, in words: `mlp_in.3 with bold.safetensors (add 1.5) at positions label`. */
export const operationsWords = ({ operations }: Steering): string =>
    listed(
        operations.map(
            ({ site, layer, what, asked }) =>
                `${layer < 0 ? site : `${site}.${layer}`} with ${what} at positions ${asked}`,
        ),
    );

/** What the marks of cells stand for. */
export const MARK_WORDS: Readonly<Record<SteeredAt, string>> = {
    site: 'steered at this site',
    layer: 'steered in this layer, at another site',
};

/** The marks that grids of some runs have on their axes. */
export function steeredMarks(
    runs: readonly { readonly steering: Steering }[],
    site: string,
    { layers, positions }: Pick<Axes, 'layers' | 'positions'>,
): readonly SteeredAt[] {
    const has = (mark: SteeredAt): boolean =>
        runs.some(({ steering }) =>
            steering.operations.some(
                ({ site: own, layer, positions: steered }) =>
                    (own === site) === (mark === 'site') &&
                    layers.includes(layer) &&
                    positions.some(
                        (position) =>
                            steered?.has(position) === true && steering.mark(site, { layer, position }) === mark,
                    ),
            ),
        );
    return (['site', 'layer'] as const).filter(has);
}

/** Says where the page does not know which positions were steered, so that none of their cells is marked; else empty. */
export const unplacedWords = ({ operations }: Steering): string =>
    operations.some(({ positions }) => positions === null)
        ? '; cells are not marked where this page does not say which positions these are'
        : '';

const listed = (words: readonly string[]): string =>
    words.length <= NAMED + 1
        ? words.join('; ')
        : `${words.slice(0, NAMED).join('; ')}; and ${words.length - NAMED} more, see the provenance`;

function positionsOf(ranges: unknown, tokens: number): ReadonlySet<number> | null {
    if (!Array.isArray(ranges)) {
        return null;
    }
    const positions = new Set<number>();
    for (const range of ranges as readonly unknown[]) {
        const [first, last] = Array.isArray(range) ? range.map(Number) : [];
        for (let position = first ?? 0; position <= (last ?? -1) && position < tokens; position++) {
            positions.add(position);
        }
    }
    return positions;
}

/** A value of a file for a sentence. */
const plain = (value: Json | undefined): string => nameText(String(value ?? '?'), 40);
