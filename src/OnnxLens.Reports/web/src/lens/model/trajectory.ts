import { cellOf } from './axes';
import { type LensRun } from './lens-run';
import { NO_TOKEN } from './token-match';
import { readToken } from './token-reading';
import { type Measure, type PositionMeasure, type TokenMeasure } from './view-state';

/** A value of a trajectory; NaN where it is not known. */
export interface TrajectoryPoint {
    readonly layer: number;
    readonly value: number;
}

/** A quantity over the layers of a site at one position. */
export interface Trajectory {
    readonly points: readonly TrajectoryPoint[];
    /** What is said of its gaps; null where there are none. */
    readonly gaps: string | null;
    /** What it lacks besides; null where it lacks nothing. */
    readonly missing: string | null;
}

const POSITION_MEASURES = { entropy: (run: LensRun) => run.entropy, kl: (run: LensRun) => run.kl } as const;

/** Whether a measure belongs to a position, whatever its tokens. */
export const isOfPosition = (measure: Measure): measure is PositionMeasure => measure in POSITION_MEASURES;

/** Follows a token over the layers, first to last; a token of which the run knows nothing has no value in any. */
export function tokenTrajectory(
    run: LensRun,
    site: string,
    layers: readonly number[],
    position: number,
    id: number,
    measure: TokenMeasure,
): Trajectory {
    let gaps = 0;
    const points = ascending(layers).map((layer) => {
        const cell = cellOf(run, site, layer, position);
        const reading = cell < 0 || id === NO_TOKEN ? null : readToken(run, cell, id);
        gaps += reading !== null && !reading.known && reading.rankBound >= 0 ? 1 : 0;
        return { layer, value: reading?.known === true ? measured(reading, measure) : NaN };
    });
    return {
        points,
        gaps: gaps === 0 ? null : `in ${gaps} of ${points.length} layers, where its rank is ${run.topK} or more`,
        missing: id === NO_TOKEN ? 'not known there' : null,
    };
}

/** Follows a measure of a position over the layers, first to last. */
export function positionTrajectory(
    run: LensRun,
    site: string,
    layers: readonly number[],
    position: number,
    measure: PositionMeasure,
): Trajectory {
    const values = POSITION_MEASURES[measure](run);
    const points = ascending(layers).map((layer) => ({
        layer,
        value: values[cellOf(run, site, layer, position)] ?? NaN,
    }));
    const undefinedOnes = points.filter(({ value }) => !Number.isFinite(value)).length;
    const missing = run.positions.includes(position)
        ? `no number in ${undefinedOnes} of ${points.length} layers`
        : 'not a position of this run';
    return { points, gaps: null, missing: undefinedOnes === 0 ? null : missing };
}

/** The parts of a trajectory without a gap, as lines need them. */
export function segments(trajectory: Trajectory): readonly (readonly TrajectoryPoint[])[] {
    const parts: TrajectoryPoint[][] = [[]];
    for (const point of trajectory.points) {
        if (Number.isFinite(point.value)) {
            parts.at(-1)?.push(point);
        } else {
            parts.push([]);
        }
    }
    return parts.filter((part) => part.length > 0);
}

/** A trajectory with the name of its line. */
export interface NamedTrajectory {
    readonly name: string;
    readonly trajectory: Trajectory;
}

/** Says where lines have gaps and what is known there, and of which a run knows nothing; empty where there are none. */
export function gapWords(lines: readonly NamedTrajectory[]): string {
    const gaps = lines.flatMap(({ name, trajectory: { gaps: said } }) => (said === null ? [] : [`${name} ${said}`]));
    const missing = lines.flatMap(({ name, trajectory }) =>
        trajectory.missing === null ? [] : [`${name}: ${trajectory.missing}.`],
    );
    const sentences =
        gaps.length === 0
            ? missing
            : [
                  `Gaps: ${gaps.join('; ')}. There the token is none of the top tokens, and its probability is at most that of the last one listed in the cell.`,
                  ...missing,
              ];
    return sentences.join(' ');
}

const ascending = (layers: readonly number[]): number[] => [...layers].sort((a, b) => a - b);

function measured(reading: { readonly logProb: number; readonly rank: number }, measure: TokenMeasure): number {
    switch (measure) {
        case 'probability':
            return Math.exp(reading.logProb);
        case 'logprob':
            return reading.logProb;
        case 'rank':
            return reading.rank;
    }
}
