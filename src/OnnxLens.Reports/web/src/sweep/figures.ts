import { element, select, setOptions } from '../shared/dom';
import { Figure, type FigureOptions } from '../shared/figure';
import { pointText } from '../shared/hook-points';
import { palette, type Palette } from '../shared/palette';
import type { Store } from '../shared/store';
import { isDark } from '../shared/theme';
import { type Comparison, comparisons, controlChart } from './control-chart';
import { costChart } from './cost-chart';
import { comparisonsCsv } from './csv';
import { curveChart } from './curve-chart';
import { type Curve, costRows, curvesOf, provenanceLine, type Sweep } from './data';
import { layerChart } from './layer-chart';
import { measureOf, measuresOf } from './measures';
import { samplesOf } from './samples';
import { slopeChart } from './slope-chart';
import { currentCurve, moveTo, type SweepState, toggleAlso } from './state';

type Draw = (figure: Figure, curve: Curve, state: SweepState, colours: Palette) => void;

/** The drawings of a sweep. */
export function figures(sweep: Sweep, store: Store<SweepState>): Figure[] {
    const colours = (): Palette => palette(isDark(store.current.theme));
    const all = [layerFigure, curveFigure, slopeFigure, costFigure, controlFigure].map((make) =>
        make(sweep, store, { colours, provenance: provenanceLine(sweep) }),
    );
    for (const { figure, keys, draw } of all) {
        store.onChange(['dataset', 'vector', 'point', ...keys], (state) => {
            const curve = currentCurve(sweep, state);
            if (curve !== undefined) {
                draw(figure, curve, state, colours());
            }
        });
    }
    return all.map(({ figure }) => figure);
}

interface Made {
    readonly figure: Figure;
    /** What it depends on besides dataset, vector and hook point. */
    readonly keys: readonly (keyof SweepState)[];
    readonly draw: Draw;
}

type Make = (sweep: Sweep, store: Store<SweepState>, common: Pick<FigureOptions, 'colours' | 'provenance'>) => Made;

/** The name of what is shown, as part of a file's name. */
const named = (what: string, { dataset, vector, point }: SweepState): string =>
    `${what}-${vector}-on-${dataset}-${point}`;

const layerFigure: Make = (sweep, store, common) => {
    const choose = (point: string): void => store.set(moveTo(sweep, store.current, { point }));
    const measures = measuresOf(sweep.curves).map(({ key, text }) => ({ value: key, text }));
    const control = select('show', measures, store.current.measure, (measure) => store.change({ measure }));
    const figure = new Figure({
        title: 'Over the layers',
        fileName: () => `layers-${store.current.vector}-on-${store.current.dataset}`,
        csv: () =>
            sweep.tables.summary.csv(
                curvesOf(sweep, store.current.dataset, store.current.vector).map((curve) => curve.row),
            ),
        ...common,
        controls: [control],
    });
    const draw: Draw = (target, current, state, colours) => {
        setOptions(control.querySelector('select') as HTMLSelectElement, measures, state.measure);
        const curves = curvesOf(sweep, state.dataset, state.vector);
        const measure = measureOf(state.measure);
        target.show(
            layerChart({ curves, current, measure, level: sweep.intervalLevel, width: target.width, colours, choose }),
        );
    };
    return { figure, keys: ['measure'], draw };
};

const curveFigure: Make = (sweep, store, common) => {
    const picks = element('fieldset', { class: 'picks row' });
    const figure = new Figure({
        title: 'Propensity',
        fileName: () => named('propensity', store.current),
        csv: () => sweep.tables.samples.csv(currentCurve(sweep, store.current)?.sampleRows ?? []),
        ...common,
    });
    figure.element.append(element('details', {}, element('summary', {}, 'Compare with other hook points'), picks));
    const draw: Draw = (target, current, state, colours) => {
        const curves = curvesOf(sweep, state.dataset, state.vector);
        fillPicks(
            picks,
            curves.filter((curve) => curve !== current),
            store,
        );
        target.show(
            curveChart({
                sweep,
                current,
                also: state.also.flatMap((name) => curves.filter((curve) => pointText(curve) === name)),
                samples: samplesOf(sweep, current),
                chosen: state.sample,
                width: target.width,
                colours,
                choose: (sample) => store.change({ sample }),
            }),
        );
    };
    return { figure, keys: ['also', 'sample'], draw };
};

/** A box for each further hook point; boxes that stay keep the focus. */
function fillPicks(picks: HTMLFieldSetElement, curves: readonly Curve[], store: Store<SweepState>): void {
    const names = curves.map(pointText);
    if (picks.dataset['names'] !== names.join()) {
        picks.dataset['names'] = names.join();
        picks.replaceChildren(
            element('legend', { class: 'muted' }, 'Mean curves of, at most seven at once:'),
            ...names.map((name) => {
                const box = element('input', {
                    type: 'checkbox',
                    value: name,
                    onchange: () => store.set(toggleAlso(store.current, name)),
                });
                return element('label', {}, box, name);
            }),
        );
    }
    for (const box of picks.querySelectorAll('input')) {
        box.checked = store.current.also.includes(box.value);
    }
}

const slopeFigure: Make = (sweep, store, common) => {
    const figure = new Figure({
        title: 'Slopes of the samples',
        fileName: () => named('slopes', store.current),
        csv: () => sweep.tables.slopes.csv(currentCurve(sweep, store.current)?.slopeRows ?? []),
        ...common,
    });
    const draw: Draw = (target, curve, state, colours) =>
        target.show(
            slopeChart({
                curve,
                samples: samplesOf(sweep, curve),
                chosen: state.sample,
                level: sweep.intervalLevel,
                width: target.width,
                colours,
                choose: (sample) => store.change({ sample }),
            }),
        );
    return { figure, keys: ['sample'], draw };
};

const costFigure: Make = (sweep, store, common) => {
    const figure = new Figure({
        title: 'What it costs',
        fileName: () => `cost-${store.current.vector}-${store.current.point}`,
        csv: () => {
            const curve = currentCurve(sweep, store.current);
            return sweep.tables.cost.csv(curve === undefined ? [] : costRows(sweep, curve));
        },
        ...common,
    });
    const draw: Draw = (target, curve, _, colours) => {
        const drawing = costChart(sweep, curve, target.width, colours);
        if (drawing === null) {
            target.say('Not measured: sweep --text FILE measures on ordinary text what steering costs.');
        } else {
            target.show(drawing);
        }
    };
    return { figure, keys: [], draw };
};

const controlFigure: Make = (sweep, store, common) => {
    const controls = Number(sweep.provenance['controls'] ?? 0);
    const rows = (curve: Curve): Comparison[] => comparisons(curve, sweep.intervalLevel, controls);
    const figure = new Figure({
        title: 'Controls and letters',
        fileName: () => named('controls', store.current),
        csv: () => {
            const curve = currentCurve(sweep, store.current);
            return curve === undefined ? '' : comparisonsCsv(curve, rows(curve));
        },
        ...common,
    });
    const draw: Draw = (target, curve, _, colours) =>
        target.show(controlChart(curve, rows(curve), target.width, colours));
    return { figure, keys: [], draw };
};
