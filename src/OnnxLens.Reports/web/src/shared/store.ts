import { showFragment } from './fragment';
import { applyTheme, onSystemTheme, type Theme } from './theme';

/** The state of a page, kept in the fragment of its address. Everything that is shown is drawn from it. */
export class Store<S extends { readonly theme: Theme }> {
    private readonly parts: { readonly draw: (state: S) => void; readonly keys: readonly (keyof S)[] }[] = [];

    constructor(
        private state: S,
        private readonly text: (state: S) => string,
        private readonly read: (hash: string) => S,
    ) {
        applyTheme(state.theme);
        addEventListener('hashchange', () => this.set(this.read(location.hash)));
        onSystemTheme(() => this.drawAll());
        let width = innerWidth;
        addEventListener('resize', () => {
            if (innerWidth !== width) {
                width = innerWidth;
                this.drawAll();
            }
        });
    }

    /** What is shown now. */
    get current(): S {
        return this.state;
    }

    /** Shows something else. */
    set(state: S): void {
        const before = this.state;
        this.state = state;
        applyTheme(state.theme);
        for (const { draw, keys } of this.parts) {
            if (before.theme !== state.theme || keys.some((key) => before[key] !== state[key])) {
                draw(state);
            }
        }
        showFragment(this.text(state));
    }

    /** Changes a part of what is shown. */
    change(part: Partial<S>): void {
        this.set({ ...this.state, ...part });
    }

    /** Calls back when all is drawn, and when one of these parts of the state, or the theme, changes. */
    onChange(keys: readonly (keyof S)[], draw: (state: S) => void): void {
        this.parts.push({ draw, keys });
    }

    /** Draws all, once the places of all drawings are in the page: these are as wide as their places. */
    drawAll(): void {
        this.parts.forEach(({ draw }) => draw(this.state));
    }
}
