import { button, element, replaceKeepingFocus, select } from '../../shared/dom';
import { pictureText } from '../../shared/picture';
import { originLines } from '../model/origin';
import { chosenIdIn } from '../model/token-match';
import { gapWords, isOfPosition, positionTrajectory, tokenTrajectory } from '../model/trajectory';
import { MEASURES, type Place } from '../model/view-state';
import { tokenWords } from '../model/words';
import { type LensView } from '../view';
import {
    drawTrajectories,
    type Line,
    lineName,
    lineSample,
    runSamples,
    sizeFor,
    type TrajectoryChart,
    trajectoryKey,
} from './trajectory-chart';
import { MEASURE_NAMES } from './value-axis';

const NOTHING = 'Nothing is drawn: pin a token with ◇ in the panel of a cell, or from a search.';

/** Pinned tokens over the layers at the position of the selected cell, or entropy and KL of the selected positions. */
export class TrajectoryPanel {
    private readonly heading = element('h2', {});
    private readonly chart = element('div', { class: 'chart-box' });
    private readonly key = element('ul', { class: 'chart-key' });
    private readonly note = element('p', { class: 'muted' });
    private readonly measure;
    readonly node;
    private size = sizeFor(0);

    constructor(private readonly view: LensView) {
        const options = MEASURES.map((value) => ({ value, text: MEASURE_NAMES[value] }));
        this.measure = select('Show', options, view.state.measure, (measure) => view.set({ measure }));
        this.node = element(
            'section',
            { class: 'trajectories', 'aria-label': 'Trajectories over the layers' },
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
        this.heading.textContent = `Trajectories${isOfPosition(state.measure) ? '' : ` at position ${place.position}`}, ${state.site}`;
        const lines = this.lines();
        this.chart.replaceChildren(...(lines.length === 0 ? [] : [drawTrajectories(this.drawn(lines), this.size)]));
        replaceKeepingFocus(this.key, ...this.lineKey(), ...this.runKey());
        this.note.textContent =
            lines.length === 0
                ? NOTHING
                : gapWords(lines.map((drawn) => ({ name: lineName(drawn), trajectory: drawn.trajectory })));
    }

    /** The text of an SVG file of what is drawn; null where nothing is. */
    get picture(): string | null {
        const lines = this.lines();
        if (lines.length === 0) {
            return null;
        }
        const { palette, shownRuns } = this.view;
        const chart = this.drawn(lines);
        return pictureText(drawTrajectories(chart, sizeFor(720)), {
            title: chart.title,
            key: lines.map((line) => trajectoryKey(line, palette)),
            provenance: [...shownRuns.map((run) => this.view.runTitle(run)), ...originLines(shownRuns)].join('; '),
            colours: palette,
        });
    }

    private drawn(lines: readonly Line[]): TrajectoryChart {
        const { state, place, axes, palette } = this.view;
        const where = isOfPosition(state.measure) ? '' : `, position ${place.position}`;
        const title = `${MEASURE_NAMES[state.measure]} over the layers, ${state.site}${where}`;
        return { title, measure: state.measure, layers: [...axes.allLayers].reverse(), lines, palette };
    }

    private lines(): Line[] {
        const { site, pins, measure } = this.view.state;
        const { first, second, place, shownRuns } = this.view;
        const { allLayers } = this.view.axes;
        if (isOfPosition(measure)) {
            return shownRuns.flatMap((run) =>
                this.positions.map(({ position }, index) => ({
                    words: `position ${position}`,
                    index,
                    isSecond: run !== first,
                    trajectory: positionTrajectory(run, site, allLayers, position, measure),
                })),
            );
        }
        return shownRuns.flatMap((run) =>
            pins.map((id, index) => {
                const own = chosenIdIn(run, first, second, id);
                return {
                    words: this.view.tokenWords(id, 20),
                    index,
                    isSecond: run !== first,
                    trajectory: tokenTrajectory(run, site, allLayers, place.position, own, measure),
                };
            }),
        );
    }

    /** The pinned cell and that of the cursor; one where they are at the same position. */
    private get positions(): readonly Place[] {
        const { pinned, cursor } = this.view.state;
        return pinned === null || pinned.position === cursor.position ? [cursor] : [pinned, cursor];
    }

    private lineKey(): HTMLElement[] {
        const { measure, pins } = this.view.state;
        return isOfPosition(measure)
            ? this.positions.map((place, index) => this.positionEntry(place, index))
            : pins.map((id, index) => this.tokenEntry(id, index));
    }

    private positionEntry({ position }: Place, index: number): HTMLElement {
        const { palette, first, state } = this.view;
        const isPinned = state.pinned?.position === position;
        return element(
            'li',
            {},
            lineSample(palette, index),
            `position ${position}${isPinned ? ', pinned' : ''}: `,
            element('bdi', { class: 'mono' }, tokenWords(first, first.tokenId(position), 30)),
        );
    }

    private tokenEntry(id: number, index: number): HTMLElement {
        const words = this.view.tokenWords(id, 30);
        return element(
            'li',
            {},
            lineSample(this.view.palette, index),
            element('bdi', { class: 'mono' }, words),
            button('×', () => this.view.togglePin(id), {
                class: 'pin',
                'aria-label': `Drop the trajectory of ${words}`,
            }),
        );
    }

    private runKey(): HTMLElement[] {
        return this.view.shownRuns.length < 2
            ? []
            : runSamples(this.view.palette).map(({ sample, text }) => element('li', {}, sample, text));
    }
}
