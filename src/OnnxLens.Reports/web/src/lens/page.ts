import { button, element } from '../shared/dom';
import { helpDialog, isTyping } from '../shared/help';
import { GridView } from './grid/grid-view';
import { onPrint } from './grid/print';
import { type LensRun } from './model/lens-run';
import { MAX_ZOOM } from './model/view-state';
import { promptWords, siteWords, titleWords } from './model/words';
import { CellPanel } from './panels/cell-panel';
import { Downloads } from './panels/downloads';
import { Legend } from './panels/legend';
import { RunsPanel } from './panels/runs-panel';
import { SearchBox } from './panels/search-box';
import { Toolbar } from './panels/toolbar';
import { Tooltip } from './panels/tooltip';
import { TrajectoryPanel } from './panels/trajectory-panel';
import { type LensView } from './view';

const KEYS = [
    ['← ↑ → ↓', 'move the cell'],
    ['Home, End', 'first and last of the row; with Ctrl, of the grid'],
    ['Page Up, Page Down', 'a page up or down; with Ctrl, left or right'],
    ['Enter, Space', 'pin the panel to the cell, or let it go'],
    ['/', 'search; Enter and Shift+Enter go through the matches'],
    ['+, −', 'larger and smaller cells'],
    ['?', 'this list'],
    ['Esc', 'close, clear the search, let the pinned cell go'],
] as const;

const NOTE =
    'A cell shows the token that the LM head puts first when it reads the hidden state of that layer and position. Probabilities are over the whole vocabulary. KL(final‖lens) is how far the model’s own output at the position is from the cell, in nats.';

/** Puts the parts of the page together and keeps them in step with the view. */
export class LensPage {
    private readonly grids = new Map<LensRun, GridView>();
    private readonly gridArea = element('div', { class: 'grids' });
    private readonly subtitle = element('p', { class: 'muted' });
    private readonly prompt = element('p', { class: 'prompt-line' });
    private readonly tooltip: Tooltip;
    private readonly searchBox: SearchBox;
    private readonly help = helpDialog('Keys', KEYS, NOTE);

    constructor(
        page: HTMLElement,
        private readonly view: LensView,
    ) {
        this.tooltip = new Tooltip(view);
        this.searchBox = new SearchBox(view);
        const trajectories = new TrajectoryPanel(view);
        const downloads = new Downloads(view, () => this.shownGrids(), trajectories);
        const toolbar = new Toolbar(
            view,
            downloads.node,
            button('Keys ?', () => this.help.showModal()),
        );
        const [legend, cellPanel, runs] = [new Legend(view), new CellPanel(view), new RunsPanel(view)];
        page.replaceChildren(
            element('header', {}, element('h1', {}, 'Logit lens'), this.subtitle, this.prompt),
            toolbar.node,
            element('div', { class: 'row' }, this.searchBox.node, downloads.status),
            legend.node,
            element('div', { class: 'work' }, this.gridArea, cellPanel.node, trajectories.node),
            runs.node,
            this.tooltip.node,
            this.help,
        );
        const parts = [toolbar, this.searchBox, legend, cellPanel, trajectories, runs];
        view.onChange(() => {
            this.showGrids();
            parts.forEach((part) => part.update());
        });
        onPrint(view, () => this.shownGrids());
        document.title = `Logit lens: ${titleWords(view.first)}`;
        addEventListener('keydown', (event) => this.pressed(event));
    }

    private showGrids(): void {
        const { site } = this.view.state;
        this.subtitle.textContent = `${site}: ${siteWords(this.view.isResidual(site))}`;
        this.prompt.textContent = promptWords(this.view.first, this.view.second);
        const shown = this.shownGrids();
        for (const [run, grid] of this.grids) {
            if (!shown.includes(grid)) {
                grid.drop();
                this.grids.delete(run);
            }
        }
        if (
            this.gridArea.childElementCount !== shown.length ||
            shown.some((grid) => !this.gridArea.contains(grid.node))
        ) {
            this.gridArea.replaceChildren(...shown.map((grid) => grid.node));
            // What is put in again has lost where it was scrolled to.
            shown.forEach((grid) => grid.forget());
        }
        this.gridArea.classList.toggle('two', shown.length > 1);
        shown.forEach((grid) => grid.update());
    }

    private shownGrids(): GridView[] {
        return this.view.shownRuns.map((run) => {
            const grid = this.grids.get(run) ?? this.makeGrid(run);
            this.grids.set(run, grid);
            return grid;
        });
    }

    private makeGrid(run: LensRun): GridView {
        const grid = new GridView(this.view, run, (place, of, x, y) => this.tooltip.show(place, of, x, y));
        grid.scroller.addEventListener('scroll', () => {
            const { left, top } = grid.window;
            this.shownGrids().forEach((other) => other.scrollTo(left, top));
        });
        return grid;
    }

    private pressed(event: KeyboardEvent): void {
        if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        const { zoom } = this.view.state;
        switch (event.key) {
            case '/':
                this.searchBox.input.focus();
                this.searchBox.input.select();
                break;
            case '?':
                this.help.showModal();
                break;
            case 'Escape':
                this.view.set({ pinned: null });
                break;
            case '+':
                this.view.set({ zoom: Math.min(MAX_ZOOM, zoom + 1) });
                break;
            case '-':
                this.view.set({ zoom: Math.max(0, zoom - 1) });
                break;
            default:
                return;
        }
        event.preventDefault();
    }
}
