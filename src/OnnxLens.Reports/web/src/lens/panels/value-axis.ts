import { scaleLinear, scaleLog } from 'd3-scale';
import { type ChartAxis, type ChartSize } from '../../shared/chart';
import { numberText } from '../../shared/number-text';
import { type Measure } from '../model/view-state';

export const MEASURE_NAMES: Readonly<Record<Measure, string>> = {
    probability: 'probability',
    logprob: 'log-probability, nats',
    rank: 'rank (0 is the top)',
    entropy: 'entropy, nats',
    kl: 'KL(final‖lens), nats',
};

/** The vertical axis of trajectories, and where a value lies on it. */
export interface ValueAxis {
    readonly axis: ChartAxis<number>;
    at(value: number): number;
}

/** The axis of a measure: ranks by their logarithm, the best on top; all else linear, from or to a number that means something. */
export function valueAxis(measure: Measure, values: readonly number[], size: ChartSize): ValueAxis {
    const range: [number, number] = [size.height - size.bottom, size.top];
    const label = MEASURE_NAMES[measure];
    if (measure === 'rank') {
        const ticks = rankTicks(Math.max(0, ...values));
        const scale = scaleLog([1 + (ticks.at(-1) ?? 1), 1], range);
        return {
            at: (rank) => scale(rank + 1),
            axis: {
                scale,
                label,
                values: ticks.map((rank) => rank + 1),
                format: (place) => numberText(place - 1),
            },
        };
    }
    const scale = scaleLinear(ends(measure, values), range).nice();
    return { at: (value) => scale(value), axis: { scale, label, ticks: 5 } };
}

/** Marks of an axis of ranks from 0 to at least the greatest: 0, 1, 2, 5, 10, 20 …, or powers of ten alone where those would be too many. */
export function rankTicks(greatest: number): number[] {
    const steps = [0];
    for (let power = 1; (steps.at(-1) ?? 0) < Math.max(1, greatest); power *= 10) {
        for (const digit of [1, 2, 5]) {
            if ((steps.at(-1) ?? 0) < Math.max(1, greatest)) {
                steps.push(digit * power);
            }
        }
    }
    const end = steps.at(-1);
    return steps.length <= MOST_TICKS
        ? steps
        : steps.filter((rank) => rank === 0 || rank === end || (/^10*$/.test(String(rank)) && rank * 2 <= (end ?? 0)));
}

const MOST_TICKS = 8;

/** The ends of a linear scale. */
function ends(measure: Measure, values: readonly number[]): [number, number] {
    switch (measure) {
        case 'logprob':
            return [Math.min(-1, ...values), 0];
        case 'entropy':
        case 'kl':
            return [0, Math.max(0, ...values) || 1];
        default:
            return [0, 1];
    }
}
