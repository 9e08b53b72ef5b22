import { boxKey, type KeyEntry, markKey, type ScaleMark, scaleKey } from '../shared/chart-key';
import type { Palette } from '../shared/palette';
import { numberText } from '../shared/number-text';
import type { CellScale } from './cells';
import { crossPath, dotPath } from './heat';
import type { CellMeasure } from './measures';

/** What the colours and marks of a strip mean. */
export function heatKey(measure: CellMeasure, scale: CellScale, colours: Palette): KeyEntry[] {
    const isLog = measure.scale === 'log';
    const at = (share: number): number =>
        isLog ? scale.low * (scale.high / scale.low) ** share : scale.low + (scale.high - scale.low) * share;
    const shades =
        scale.high === 0
            ? []
            : [
                  scaleKey(
                      isLog ? `${measure.text}, logarithmic` : measure.text,
                      (share) => scale.colour(at(share)),
                      marks(scale, at),
                      colours.line,
                  ),
              ];
    const none = scale.high === 0 ? `${measure.none} in every cell` : measure.none;
    return [
        ...shades,
        boxKey(none, colours.paper, { stroke: colours.line }),
        markKey('another top token', dotPath(0, 0), { fill: colours.ink }),
        markKey('not finite', crossPath(0, 0), { fill: 'none', stroke: colours.ink, 'stroke-width': 1.2 }),
    ];
}

/** The ends and the middle of a scale; of a single amount that alone. */
const marks = ({ low, high }: CellScale, at: (share: number) => number): ScaleMark[] =>
    (low === high ? [1] : [0, 0.5, 1]).map((share) => ({ share, text: numberText(at(share)) }));
