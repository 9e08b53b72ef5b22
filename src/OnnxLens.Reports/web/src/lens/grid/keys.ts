import { type GridPlace, type Layout } from './layout';

/** Where a key takes the cell of the keyboard; null for keys that do not move it. A page is what the window shows. */
export function moved(
    key: string,
    ctrl: boolean,
    from: GridPlace,
    layout: Layout,
    page: { readonly rows: number; readonly columns: number },
): GridPlace | null {
    const { row, column } = from;
    const to = (newRow: number, newColumn: number): GridPlace => ({
        row: Math.min(layout.rows - 1, Math.max(0, newRow)),
        column: Math.min(layout.columns - 1, Math.max(0, newColumn)),
    });
    switch (key) {
        case 'ArrowUp':
            return to(row - 1, column);
        case 'ArrowDown':
            return to(row + 1, column);
        case 'ArrowLeft':
            return to(row, column - 1);
        case 'ArrowRight':
            return to(row, column + 1);
        case 'Home':
            return to(ctrl ? 0 : row, 0);
        case 'End':
            return to(ctrl ? layout.rows - 1 : row, layout.columns - 1);
        case 'PageUp':
            return ctrl ? to(row, column - page.columns) : to(row - page.rows, column);
        case 'PageDown':
            return ctrl ? to(row, column + page.columns) : to(row + page.rows, column);
        default:
            return null;
    }
}
