import { cellOf } from './axes';
import { type LensRun } from './lens-run';
import { NO_TOKEN } from './token-match';
import { readToken } from './token-reading';
import { type Measure } from './view-state';

/** A value of a trajectory; NaN where it is not known. */
export interface TrajectoryPoint {
    readonly layer: number;
    readonly value: number;
}

/** A token over the layers of a site at one position. */
export interface Trajectory {
    readonly id: number;
    readonly points: readonly TrajectoryPoint[];
    /** Layers in which the token is none of the top tokens, and so not known. */
    readonly gaps: number;
    /** The number of top tokens of the run. */
    readonly topK: number;
}

/** Follows a token over the layers, first to last; a token of which the run knows nothing has no value in any. */
export function trajectoryOf(
    run: LensRun,
    site: string,
    layers: readonly number[],
    position: number,
    id: number,
    measure: Measure,
): Trajectory {
    let gaps = 0;
    const points = [...layers]
        .sort((a, b) => a - b)
        .map((layer) => {
            const cell = cellOf(run, site, layer, position);
            const reading = cell < 0 || id === NO_TOKEN ? null : readToken(run, cell, id);
            gaps += reading !== null && !reading.known && reading.rankBound >= 0 ? 1 : 0;
            return { layer, value: reading?.known === true ? measured(reading, measure) : NaN };
        });
    return { id, points, gaps, topK: run.topK };
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

/** Says where lines have gaps and what is known there, and of which tokens a run knows nothing; empty where there are none. */
export function gapWords(lines: readonly NamedTrajectory[]): string {
    const gaps = lines
        .filter(({ trajectory }) => trajectory.gaps > 0)
        .map(
            ({ name, trajectory: { gaps: count, points, topK } }) =>
                `${name} in ${count} of ${points.length} layers, where its rank is ${topK} or more`,
        );
    const none = lines.filter(({ trajectory }) => trajectory.id === NO_TOKEN).map(({ name }) => name);
    const sentences = [
        gaps.length === 0
            ? null
            : `Gaps: ${gaps.join('; ')}. There the token is none of the top tokens, and its probability is at most that of the last one listed in the cell.`,
        none.length === 0 ? null : `Not known there: ${none.join('; ')}.`,
    ];
    return sentences.filter((sentence) => sentence !== null).join(' ');
}

function measured(reading: { readonly logProb: number; readonly rank: number }, measure: Measure): number {
    switch (measure) {
        case 'probability':
            return Math.exp(reading.logProb);
        case 'logprob':
            return reading.logProb;
        case 'rank':
            return reading.rank;
    }
}
