import { cellOf } from './axes';
import { type LensRun } from './lens-run';
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
}

/** Follows a token over the layers, first to last. */
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
            const reading = cell < 0 ? null : readToken(run, cell, id);
            gaps += reading !== null && !reading.known && reading.rankBound >= 0 ? 1 : 0;
            return { layer, value: reading?.known === true ? measured(reading, measure) : NaN };
        });
    return { id, points, gaps };
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
