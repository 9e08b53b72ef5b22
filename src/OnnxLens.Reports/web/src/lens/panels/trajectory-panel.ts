import { line } from 'd3-shape';
import { scaleLinear, scaleLog } from 'd3-scale';
import { chartFrame, type ChartSize, lineSample, symbolPath } from '../../shared/chart';
import { button, element, select, svgElement } from '../../shared/dom';
import { type LensRun } from '../model/lens-run';
import { segments, type Trajectory, trajectoryOf, type TrajectoryPoint } from '../model/trajectory';
import { type Measure, MEASURES } from '../model/view-state';
import { tokenWords } from '../model/words';
import { type LensView } from '../view';

const MEASURE_NAMES: Record<Measure, string> = {
    probability: 'probability',
    logprob: 'log-probability, nats',
    rank: 'rank (0 is the top)',
};

/** The room of the chart: as wide as its place, within bounds. */
const sizeFor = (width: number): ChartSize => ({
    width: Math.min(900, Math.max(300, width)),
    height: 260,
    left: 58,
    right: 16,
    top: 12,
    bottom: 42,
});

interface Line {
    readonly run: LensRun;
    readonly trajectory: Trajectory;
    readonly index: number;
    readonly isSecond: boolean;
}

/** Pinned tokens over the layers, at the position of the selected cell. */
export class TrajectoryPanel {
    private readonly heading = element('h2', {});
    private readonly chart = element('div', { class: 'chart-box' });
    private readonly key = element('ul', { class: 'chart-key' });
    private readonly note = element('p', { class: 'muted' });
    private readonly measure;
    readonly node;
    private size = sizeFor(0);
    /** The drawing, for files; null where nothing is pinned. */
    drawing: SVGSVGElement | null = null;

    constructor(private readonly view: LensView) {
        const options = MEASURES.map((value) => ({ value, text: MEASURE_NAMES[value] }));
        this.measure = select('Show', options, view.state.measure, (measure) => view.set({ measure }));
        this.node = element(
            'section',
            { class: 'trajectories', 'aria-label': 'Trajectories of pinned tokens' },
            element('div', { class: 'row' }, this.heading, this.measure),
            this.chart,
            this.key,
            this.note,
        );
        new ResizeObserver(() => {
            if (this.size.width !== sizeFor(this.chart.clientWidth).width) {
                this.update();
            }
        }).observe(this.chart);
    }

    update(): void {
        const { place, state } = this.view;
        this.size = sizeFor(this.chart.clientWidth);
        const control = this.measure.querySelector('select');
        if (control !== null) {
            control.value = state.measure;
        }
        this.heading.textContent = `Trajectories at position ${place.position}, ${state.site}`;
        const lines = this.lines();
        const [frame, text] =
            lines.length === 0 ? [null, this.empty()] : [this.draw(lines), gapText(lines, this.view.first.topK)];
        this.drawing = frame;
        this.chart.replaceChildren(...(frame === null ? [] : [frame]));
        this.key.replaceChildren(...state.pins.map((id, index) => this.keyEntry(id, index)), ...this.runKey());
        this.note.textContent = text;
    }

    private empty(): string {
        return 'Nothing is drawn: pin a token with ◇ in the panel of a cell, or from a search.';
    }

    private lines(): Line[] {
        const { site, pins, measure } = this.view.state;
        const { allLayers } = this.view.axes;
        return this.view.shownRuns.flatMap((run) =>
            pins.map((id, index) => ({
                run,
                index,
                isSecond: run !== this.view.first,
                trajectory: trajectoryOf(run, site, allLayers, this.view.place.position, id, measure),
            })),
        );
    }

    private draw(lines: readonly Line[]): SVGSVGElement {
        const { measure } = this.view.state;
        const layers = [...this.view.axes.allLayers].reverse();
        const [low = 0, high = 0] = [layers[0], layers.at(-1)];
        const x = scaleLinear(
            [low, high === low ? low + 1 : high],
            [this.size.left, this.size.width - this.size.right],
        );
        const y = valueScale(measure, lines, this.size);
        const title = `${MEASURE_NAMES[measure]} over the layers at position ${this.view.place.position}: ${lines.map(({ run, trajectory }) => tokenWords(run, trajectory.id, 20)).join(', ')}`;
        const { svg, plot } = chartFrame(
            this.size,
            title,
            {
                scale: x,
                label: 'layer',
                ticks: Math.min(Math.round(this.size.width / 60), layers.length),
                format: (layer) => (Number.isInteger(layer) ? String(layer) : ''),
            },
            y.axis,
        );
        for (const drawn of lines) {
            plot.append(...this.drawLine(drawn, (layer) => x(layer), y.at));
        }
        return svg;
    }

    private drawLine(
        { trajectory, index, isSecond }: Line,
        x: (layer: number) => number,
        y: (value: number) => number,
    ): SVGElement[] {
        const colour = this.view.palette.lines[index % this.view.palette.lines.length] ?? '';
        const path = line<TrajectoryPoint>(
            (point) => x(point.layer),
            (point) => y(point.value),
        );
        const parts = segments(trajectory);
        const dense = trajectory.points.length > 40;
        return [
            ...parts.map((part) =>
                svgElement('path', {
                    d: path(part),
                    fill: 'none',
                    stroke: colour,
                    'stroke-width': 2,
                    'stroke-dasharray': isSecond ? '5 4' : null,
                }),
            ),
            ...parts.flatMap((part) =>
                part
                    .filter((_, place) => !dense || place % 4 === 0 || part.length === 1)
                    .map((point) =>
                        svgElement('path', {
                            d: symbolPath(index),
                            transform: `translate(${x(point.layer)},${y(point.value)})`,
                            fill: isSecond ? this.view.palette.paper : colour,
                            stroke: colour,
                        }),
                    ),
            ),
        ];
    }

    private keyEntry(id: number, index: number): HTMLElement {
        const colour = this.view.palette.lines[index % this.view.palette.lines.length] ?? '';
        const words = tokenWords(this.view.first, id, 30);
        return element(
            'li',
            {},
            lineSample(colour, index, false),
            element('bdi', { class: 'mono' }, words),
            button('×', () => this.view.togglePin(id), {
                class: 'pin',
                'aria-label': `Drop the trajectory of ${words}`,
            }),
        );
    }

    private runKey(): HTMLElement[] {
        const { ink } = this.view.palette;
        return this.view.shownRuns.length < 2
            ? []
            : ['first run', 'second run'].map((text, index) =>
                  element('li', {}, lineSample(ink, 0, index === 1), text),
              );
    }
}

/** Says where lines have gaps, and what is known there. */
function gapText(lines: readonly Line[], topK: number): string {
    const gaps = lines.filter(({ trajectory }) => trajectory.gaps > 0);
    if (gaps.length === 0) {
        return '';
    }
    const each = gaps.map(
        ({ run, trajectory, isSecond }) =>
            `${tokenWords(run, trajectory.id, 20)}${isSecond ? ' (second run)' : ''} in ${trajectory.gaps} of ${trajectory.points.length} layers`,
    );
    return `Gaps: ${each.join('; ')}. There the token is none of the top ${topK}: its rank is ${topK} or more, and its probability at most that of the last one listed in the cell.`;
}

function valueScale(measure: Measure, lines: readonly Line[], size: ChartSize) {
    const range: [number, number] = [size.height - size.bottom, size.top];
    const values = lines
        .flatMap(({ trajectory }) => trajectory.points.map((point) => point.value))
        .filter(Number.isFinite);
    const label = MEASURE_NAMES[measure];
    if (measure === 'rank') {
        const scale = scaleLog([10 ** Math.max(1, Math.ceil(Math.log10(1 + Math.max(0, ...values)))), 1], range);
        const powers = Array.from(
            { length: Math.round(Math.log10(scale.domain()[0] ?? 10)) },
            (_, power) => 10 ** (power + 1),
        );
        const ticks = [1, ...powers.map((rank) => rank + 1)].filter((rank) => rank <= (scale.domain()[0] ?? 10));
        return {
            at: (rank: number) => scale(rank + 1),
            axis: { scale, label, values: ticks, format: (rank: number) => (rank - 1).toLocaleString('en') },
        };
    }
    const least = measure === 'probability' ? 0 : Math.min(-1, ...values);
    const scale = scaleLinear([least, measure === 'probability' ? 1 : 0], range).nice();
    return { at: (value: number) => scale(value), axis: { scale, label, ticks: 5 } };
}
