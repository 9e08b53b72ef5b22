import { CSV_TYPE } from '../../shared/csv';
import { button, element } from '../../shared/dom';
import { fileNamePart, saveFile } from '../../shared/download';
import { canvasPng, savePng, saveSvg } from '../../shared/svg-file';
import { gridCanvas, gridSvg } from '../grid/grid-file';
import { type GridView } from '../grid/grid-view';
import { cellsCsv } from '../model/cells-csv';
import { type LensView } from '../view';
import { type TrajectoryPanel } from './trajectory-panel';

/** Saves what is shown, of one run or of both. Says what was saved. */
export class Downloads {
    readonly node: HTMLElement;
    readonly status = element('span', { class: 'muted', role: 'status' });

    constructor(
        private readonly view: LensView,
        private readonly grids: () => readonly GridView[],
        private readonly trajectories: TrajectoryPanel,
    ) {
        const menu = element('details', { class: 'menu' }, element('summary', { role: 'button' }, 'Save'));
        const entry = (text: string, save: () => void | Promise<void>): HTMLButtonElement =>
            button(text, () => {
                menu.open = false;
                void this.run(save);
            });
        menu.append(
            element(
                'div',
                { class: 'menu-list' },
                entry('Cells, CSV', () => this.csv()),
                entry('Grid, PNG', () => this.png()),
                entry('Grid, SVG', () => this.svg()),
                entry('Trajectories, PNG', () => this.trajectory('png')),
                entry('Trajectories, SVG', () => this.trajectory('svg')),
            ),
        );
        menu.addEventListener('keydown', (event) => {
            if (event.key === 'Escape' && menu.open) {
                // It closes the menu alone: the pinned cell stays.
                event.stopPropagation();
                menu.open = false;
                menu.querySelector('summary')?.focus();
            }
        });
        menu.addEventListener('focusout', ({ relatedTarget }) => {
            if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) {
                menu.open = false;
            }
        });
        this.node = menu;
    }

    private async run(save: () => void | Promise<void>): Promise<void> {
        try {
            await save();
        } catch (failure) {
            this.status.textContent = `Not saved: ${failure instanceof Error ? failure.message : String(failure)}`;
        }
    }

    private csv(): void {
        const { site } = this.view.state;
        const { layers } = this.view.axes;
        const runs = this.grids().map(({ run }) => ({ name: run === this.view.first ? 'first' : 'second', run }));
        saveFile(`${this.name('cells')}.csv`, new Blob([cellsCsv(runs, site, layers)], { type: CSV_TYPE }));
        this.say(`${layers.length} layers of ${site}, all positions${runs.length > 1 ? ' of both runs' : ''}`);
    }

    private async png(): Promise<void> {
        const { content, whole } = gridCanvas(this.view, this.grids());
        saveFile(`${this.name('grid')}.png`, await canvasPng(content));
        this.say(this.extentText(whole));
    }

    private svg(): void {
        const { content, whole } = gridSvg(this.view, this.grids());
        saveSvg(`${this.name('grid')}.svg`, content);
        this.say(this.extentText(whole));
    }

    private async trajectory(form: 'png' | 'svg'): Promise<void> {
        const text = this.trajectories.picture;
        if (text === null) {
            throw new Error('nothing is drawn.');
        }
        const name = `${this.name('trajectories')}.${form}`;
        if (form === 'svg') {
            saveSvg(name, text);
        } else {
            await savePng(name, text);
        }
        this.say('the trajectories that are shown');
    }

    /** A file's name, which says so where it has one run alone of two. */
    private name(what: string): string {
        const { second, state } = this.view;
        const which = second === null || state.shown === 'both' ? '' : `-${state.shown}`;
        return fileNamePart(`lens-${state.site}-${what}${which}`);
    }

    private extentText(whole: boolean): string {
        const grids = this.grids().length > 1 ? 'grids of both runs' : 'grid';
        return whole
            ? `the whole ${grids}`
            : `the part of the ${grids} that is seen; the whole is too large for this form, a stride or smaller cells make it fit`;
    }

    private say(what: string): void {
        this.status.textContent = `Saved: ${what}.`;
    }
}
