import { button, setAttributes } from './dom';

/** What the user chose; `system` follows the system. */
export type Theme = 'system' | 'light' | 'dark';

export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

const prefersDark = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

/** Puts a theme on the page. */
export function applyTheme(theme: Theme): void {
    setAttributes(document.documentElement, { 'data-theme': theme === 'system' ? null : theme });
}

/** Whether the page is dark now. */
export const isDark = (theme: Theme): boolean => (theme === 'system' ? prefersDark().matches : theme === 'dark');

/** Calls back when the system's theme changes. */
export function onSystemTheme(changed: () => void): void {
    prefersDark().addEventListener('change', changed);
}

/** A button that goes through the themes. It is updated when the theme changes: the address can change it, too. */
export class ThemeButton {
    readonly node: HTMLButtonElement;

    constructor(
        private readonly theme: () => Theme,
        set: (theme: Theme) => void,
    ) {
        this.node = button('', () => set(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? 'system'));
        this.update();
    }

    update(): void {
        this.node.textContent = `Theme: ${this.theme()}`;
    }
}
