import { showFragment } from './fragment';
import { applyTheme, onSystemTheme, type Theme } from './theme';

/** The state of a page, kept in the fragment of its address. Everything that is shown is drawn from it. */
export class Store<S extends { readonly theme: Theme }> {
    private drawn: ((state: S) => void)[] = [];

    constructor(
        private state: S,
        private readonly text: (state: S) => string,
        private readonly read: (hash: string) => S,
    ) {
        applyTheme(state.theme);
        addEventListener('hashchange', () => this.set(this.read(location.hash)));
        onSystemTheme(() => this.draw());
        let width = innerWidth;
        addEventListener('resize', () => {
            if (innerWidth !== width) {
                width = innerWidth;
                this.draw();
            }
        });
    }

    /** What is shown now. */
    get current(): S {
        return this.state;
    }

    /** Shows something else. */
    set(state: S): void {
        this.state = state;
        applyTheme(state.theme);
        this.draw();
        showFragment(this.text(state));
    }

    /** Changes a part of what is shown. */
    change(part: Partial<S>): void {
        this.set({ ...this.state, ...part });
    }

    /** Calls back now and after each change. */
    onChange(draw: (state: S) => void): void {
        this.drawn.push(draw);
        draw(this.state);
    }

    private draw(): void {
        this.drawn.forEach((draw) => draw(this.state));
    }
}

/** Says to whoever waits that the page can be used. */
export function markReady(): void {
    document.documentElement.dataset['ready'] = 'true';
    performance.mark('onnxlens-ready');
}
