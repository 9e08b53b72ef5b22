import { element, setAttributes } from '../../shared/dom';
import { numberText } from '../../shared/number-text';
import { type LensRun } from '../model/lens-run';
import { type LensView } from '../view';
import { type GridView } from './grid-view';
import { paintGrid } from './painter';
import { RunScene } from './scene';
import { sheets } from './sheets';
import { CanvasSurface, SvgSurface } from './surface';
import { TextFitter } from './text-fitter';

/** The most cells of a grid that is printed whole: some ten sheets. */
const MOST_CELLS = 8_000;

/** The room of a part of a grid on a sheet, in CSS pixels of the screen, and how much smaller it is printed: on A4 or Letter. */
const SHEET = { width: 1130, height: 1400 };
const SCALE = 0.63;

/**
 * A print has no scroll bar: where a grid is small enough all of it is put into the page for the print, in parts that fit a
 * sheet, each with its headers; else a line says that what is seen is a part.
 */
export function onPrint(view: LensView, grids: () => readonly GridView[]): void {
    const printed: { readonly grid: GridView; readonly whole: HTMLElement }[] = [];
    addEventListener('beforeprint', () => {
        view.print(true);
        for (const grid of grids()) {
            const whole = printedGrid(view, grid.run, printed.length);
            grid.node.append(whole);
            grid.node.classList.toggle('printed-whole', whole.childElementCount > 1);
            printed.push({ grid, whole });
        }
    });
    addEventListener('afterprint', () => {
        for (const { grid, whole } of printed.splice(0)) {
            whole.remove();
            grid.node.classList.remove('printed-whole');
        }
        view.print(false);
    });
}

/** All of a grid for a print, or a line that says why it is not all of it. */
function printedGrid(view: LensView, run: LensRun, index: number): HTMLElement {
    const scene = RunScene.forFile(view, run);
    const cells = scene.layout.rows * scene.layout.columns;
    const context = document.createElement('canvas').getContext('2d');
    if (cells > MOST_CELLS || context === null) {
        const words = `Printed is the part of the grid that was seen. All of its ${numberText(cells)} cells are more than the ${numberText(MOST_CELLS)} of a print: show fewer layers, or save the grid as a picture.`;
        return element('div', { class: 'printed' }, element('p', {}, words));
    }
    const measure = new CanvasSurface(context);
    const parts = sheets(scene.layout, SHEET);
    const fitter = new TextFitter();
    const drawings = parts.map((window, part) => {
        const surface = new SvgSurface((text, size) => measure.widthOf(text, size), `print-${index}-${part}-`);
        surface.clipped(0, 0, window.width, window.height, () => paintGrid(surface, scene, window, fitter));
        const drawing = surface.finished(window.width, window.height, `Part ${part + 1} of ${parts.length}`);
        setAttributes(drawing, { width: window.width * SCALE, height: window.height * SCALE });
        return drawing;
    });
    const words = `The whole grid${parts.length === 1 ? '' : `, in ${parts.length} parts`}.`;
    return element('div', { class: 'printed' }, element('p', {}, words), ...drawings);
}
