import { button, element, select, setOptions } from '../../shared/dom';
import { ThemeButton } from '../../shared/theme';
import { choosableId, unknownRank } from '../model/token-match';
import { COLOUR_MODES, type ColourMode, MAX_ZOOM, SHOWN_RUNS } from '../model/view-state';
import { siteWords } from '../model/words';
import { type LensView } from '../view';

const MODE_NAMES: Record<ColourMode, string> = {
    probability: 'probability of the top token',
    entropy: 'entropy',
    kl: 'KL(final‖lens)',
    rank: 'rank of a token',
    none: 'none',
    'delta-logprob': 'Δ log-probability of a token',
    'delta-entropy': 'Δ entropy',
    'delta-kl': 'Δ KL(final‖lens)',
    'other-top': 'another top token',
};

const SHOWN_NAMES = { first: 'first run', second: 'second run', both: 'both, side by side' } as const;

const STRIDES = [1, 2, 3, 4, 5, 8, 10, 16];

/** The controls of the grid. */
export class Toolbar {
    readonly node: HTMLElement;
    private readonly site;
    private readonly mode;
    private readonly token;
    private readonly stride;
    private readonly shown;
    private readonly smaller;
    private readonly larger;
    private readonly transpose;
    private readonly theme;

    constructor(
        private readonly view: LensView,
        ...others: HTMLElement[]
    ) {
        const { state } = view;
        this.site = select('Site', [], state.site, (site) => view.set({ site }));
        this.mode = select<ColourMode>('Colour', [], state.mode, (mode) => view.set({ mode }));
        this.token = select('of', [], 'next', (token) =>
            view.set({ token: token === 'next' ? 'next' : Number(token) }),
        );
        this.stride = select('Layers', [], '1', (stride) => view.set({ stride: Number(stride) }));
        this.shown = select(
            'Runs',
            SHOWN_RUNS.map((value) => ({ value, text: SHOWN_NAMES[value] })),
            state.shown,
            (shown) => view.set({ shown }),
        );
        this.smaller = button('−', () => view.set({ zoom: view.state.zoom - 1 }), { 'aria-label': 'Smaller cells' });
        this.larger = button('+', () => view.set({ zoom: view.state.zoom + 1 }), { 'aria-label': 'Larger cells' });
        this.transpose = button('Transpose', () => view.set({ transposed: !view.state.transposed }));
        const size = element(
            'span',
            { class: 'field', role: 'group', 'aria-label': 'Size of cells' },
            element('span', {}, 'Cells'),
            this.smaller,
            this.larger,
        );
        this.theme = new ThemeButton(
            () => view.state.theme,
            (chosen) => view.set({ theme: chosen }),
        );
        this.node = element(
            'div',
            { class: 'toolbar row', role: 'group', 'aria-label': 'Controls of the grid' },
            this.site,
            this.mode,
            this.token,
            this.stride,
            this.shown,
            size,
            this.transpose,
            this.theme.node,
            ...others,
        );
    }

    update(): void {
        const { state, second } = this.view;
        const sites = this.view.sites.map((site) => ({
            value: site,
            text: `${site}${this.view.isResidual(site) ? '' : ' (component)'}`,
        }));
        put(this.site, sites, state.site);
        this.site.title = siteWords(this.view.isResidual(state.site));
        const isComparison = (mode: ColourMode): boolean => mode.startsWith('delta') || mode === 'other-top';
        put(
            this.mode,
            COLOUR_MODES.map((value) => ({
                value,
                text: MODE_NAMES[value],
                disabled: second === null && isComparison(value),
            })),
            state.mode,
        );
        this.token.hidden = state.mode !== 'rank' && state.mode !== 'delta-logprob';
        put(this.token, this.tokenOptions(), String(state.token));
        put(this.stride, this.strideOptions(), String(state.stride));
        this.shown.hidden = second === null;
        put(
            this.shown,
            SHOWN_RUNS.map((value) => ({ value, text: SHOWN_NAMES[value] })),
            state.shown,
        );
        this.smaller.disabled = state.zoom === 0;
        this.larger.disabled = state.zoom === MAX_ZOOM;
        this.transpose.setAttribute('aria-pressed', String(state.transposed));
        this.theme.update();
    }

    /** The token that follows, targets, pinned tokens, and the one that a link brought. */
    private tokenOptions(): { value: string; text: string }[] {
        const { token, pins } = this.view.state;
        const { first, second, shownRuns } = this.view;
        const targets = shownRuns.flatMap((run) => [...run.targets].map((id) => choosableId(run, first, id)));
        const wanted = [...targets.filter((id) => id !== null), ...pins, ...(token === 'next' ? [] : [token])];
        const kind = (id: number): string =>
            unknownRank(shownRuns, first, second, id) === null ? '' : ', known among the top tokens only';
        return [
            { value: 'next', text: 'the token that follows' },
            ...[...new Set(wanted)].map((id) => ({
                value: String(id),
                text: `${this.view.tokenWords(id, 24)}${kind(id)}`,
            })),
        ];
    }

    private strideOptions(): { value: string; text: string }[] {
        const { stride } = this.view.state;
        const count = this.view.axes.allLayers.length;
        const strides = [...new Set([...STRIDES.filter((value) => value === 1 || value < count), stride])].sort(
            (a, b) => a - b,
        );
        return strides.map((value) => ({
            value: String(value),
            text: value === 1 ? `all ${count}` : `1 in ${value}`,
        }));
    }
}

function put(label: HTMLElement, options: Parameters<typeof setOptions>[1], chosen: string): void {
    const control = label.querySelector('select');
    if (control !== null) {
        setOptions(control, options, chosen);
    }
}
