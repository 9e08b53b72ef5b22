import { type LensRun } from '../model/lens-run';
import { runWords, siteWords } from '../model/words';
import { type LensView } from '../view';
import { CAPTION_HEIGHT, CAPTION_WIDTH, paintCaption } from './caption';
import { gridHeight, gridWidth, type Window } from './layout';
import { paintGrid } from './painter';
import { TextFitter } from './text-fitter';
import { RunScene } from './scene';
import { CanvasSurface, type Surface, SvgSurface } from './surface';

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
    const scene = RunScene.forFile(view, run);
    const whole = scene.layout.rows * scene.layout.columns <= SVG_CELLS;
    const window = whole ? all(scene) : seen;
    const measure = new CanvasSurface(context(document.createElement('canvas')));
    const surface = new SvgSurface((text, size) => measure.widthOf(text, size));
    const size = withCaption(window);
    paintFile(surface, view, run, scene, window);
    const title = `Logit lens, ${view.state.site}: ${runWords(run)}`;
    return { content: surface.file(size.width, size.height, title), whole };
}

/** The grid as a picture of twice as many pixels, or of as many, where that fits; else what is seen. */
export function gridCanvas(view: LensView, run: LensRun, seen: Window): GridFile<HTMLCanvasElement> {
    const scene = RunScene.forFile(view, run);
    const { width, height } = withCaption(all(scene));
    const fits = (scale: number): boolean =>
        width * height * scale * scale <= PNG_PIXELS && Math.max(width, height) * scale <= PNG_SIDE;
    const whole = fits(1);
    const window = whole ? all(scene) : seen;
    const scale = !whole || fits(2) ? 2 : 1;
    const canvas = document.createElement('canvas');
    const size = withCaption(window);
    canvas.width = Math.ceil(size.width * scale);
    canvas.height = Math.ceil(size.height * scale);
    const target = context(canvas);
    target.setTransform(scale, 0, 0, scale, 0, 0);
    paintFile(new CanvasSurface(target), view, run, scene, window);
    return { content: canvas, whole };
}

/** Paints the grid and its caption. */
function paintFile(surface: Surface, view: LensView, run: LensRun, scene: RunScene, window: Window): void {
    const { width, height } = withCaption(window);
    surface.rect(0, 0, width, height, view.palette.paper);
    paintGrid(surface, scene, window, new TextFitter());
    const words = `${view.state.site}: ${siteWords(view.isResidual(view.state.site))}; ${runWords(run)}`;
    const text = new TextFitter().fit(surface, words, 11, width - 20);
    paintCaption(surface, window.height, text, view.colouring, view.palette);
}

const withCaption = ({ width, height }: Window): { width: number; height: number } => ({
    width: Math.max(width, CAPTION_WIDTH),
    height: height + CAPTION_HEIGHT,
});

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
