import { type LensRun } from '../model/lens-run';
import { runWords } from '../model/words';
import { type LensView } from '../view';
import { gridHeight, gridWidth, type Window } from './layout';
import { paintGrid } from './painter';
import { TextFitter } from './text-fitter';
import { Labels, RunScene } from './scene';
import { CanvasSurface, SvgSurface } from './surface';

/** Limits of files of a whole grid: more cells make an SVG that few programs open, more pixels a canvas that browsers refuse. */
const SVG_CELLS = 20_000;
const PNG_PIXELS = 64_000_000;
const PNG_SIDE = 16_000;

/** A file of a grid and what is in it. */
export interface GridFile<T> {
    readonly content: T;
    readonly whole: boolean;
}

/** The grid as SVG: all of it at the current stride, or what is seen where that is too much. */
export function gridSvg(view: LensView, run: LensRun, seen: Window): GridFile<string> {
    const scene = new RunScene(view, run, new Labels(run), null);
    const whole = scene.layout.rows * scene.layout.columns <= SVG_CELLS;
    const window = whole ? all(scene) : seen;
    const measure = new CanvasSurface(context(document.createElement('canvas')));
    const surface = new SvgSurface((text, size) => measure.widthOf(text, size));
    paintGrid(surface, scene, window, new TextFitter());
    const title = `Logit lens, ${view.state.site}: ${runWords(run)}`;
    return { content: surface.file(window.width, window.height, title), whole };
}

/** The grid as a picture of twice as many pixels, or of as many, where that fits; else what is seen. */
export function gridCanvas(view: LensView, run: LensRun, seen: Window): GridFile<HTMLCanvasElement> {
    const scene = new RunScene(view, run, new Labels(run), null);
    const { width, height } = all(scene);
    const fits = (scale: number): boolean =>
        width * height * scale * scale <= PNG_PIXELS && Math.max(width, height) * scale <= PNG_SIDE;
    const whole = fits(1);
    const window = whole ? all(scene) : seen;
    const scale = !whole || fits(2) ? 2 : 1;
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(window.width * scale);
    canvas.height = Math.ceil(window.height * scale);
    const target = context(canvas);
    target.setTransform(scale, 0, 0, scale, 0, 0);
    paintGrid(new CanvasSurface(target), scene, window, new TextFitter());
    return { content: canvas, whole };
}

const all = (scene: RunScene): Window => ({
    left: 0,
    top: 0,
    width: gridWidth(scene.layout),
    height: gridHeight(scene.layout),
});

function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
    const found = canvas.getContext('2d');
    if (found === null) {
        throw new Error('The browser has no canvas.');
    }
    return found;
}
