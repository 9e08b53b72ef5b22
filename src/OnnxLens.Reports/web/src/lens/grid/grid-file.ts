import { svgText } from '../../shared/svg-file';
import { type LensRun } from '../model/lens-run';
import { type LensView } from '../view';
import { type Caption, CAPTION_WIDTH, captionOf, paintCaption } from './caption';
import { gridHeight, gridWidth, type Window } from './layout';
import { paintGrid } from './painter';
import { TextFitter } from './text-fitter';
import { RunScene } from './scene';
import { CanvasSurface, type Surface, SvgSurface } from './surface';

/** Limits of files of whole grids: more cells make an SVG that few programs open, more pixels a canvas that browsers refuse. */
const SVG_CELLS = 20_000;
const PNG_PIXELS = 64_000_000;
const PNG_SIDE = 16_000;

/** Room of the title of each of two grids. */
const TITLE = 32;

/** A grid as it stands in the page: of what run, and what is seen of it. */
export interface ShownGrid {
    readonly run: LensRun;
    readonly window: Window;
}

/** A file of all shown grids, and what is in it. */
export interface GridFile<T> {
    readonly content: T;
    readonly whole: boolean;
}

/** A picture of grids below each other, and its caption. */
interface Picture {
    readonly parts: readonly { readonly run: LensRun; readonly scene: RunScene; readonly window: Window }[];
    readonly caption: Caption;
    readonly width: number;
    readonly height: number;
}

/** The grids as SVG: all of them at the current stride, or what is seen where that is too much. */
export function gridSvg(view: LensView, grids: readonly ShownGrid[]): GridFile<string> {
    const measure = new CanvasSurface(context(document.createElement('canvas')));
    const surface = new SvgSurface((text, size) => measure.widthOf(text, size));
    const picture = pictureOf(measure, view, grids, true);
    const cells = picture.parts.reduce((sum, { scene: { layout } }) => sum + layout.rows * layout.columns, 0);
    const whole = cells <= SVG_CELLS;
    const shown = whole ? picture : pictureOf(measure, view, grids, false);
    paintPicture(surface, view, shown);
    const title = `Logit lens, ${view.state.site}: ${grids.map(({ run }) => view.runTitle(run)).join('; ')}`;
    return { content: `${svgText(surface.finished(shown.width, shown.height, title))}\n`, whole };
}

/** The grids as a picture of twice as many pixels, or of as many, where that fits; else what is seen. */
export function gridCanvas(view: LensView, grids: readonly ShownGrid[]): GridFile<HTMLCanvasElement> {
    const measure = new CanvasSurface(context(document.createElement('canvas')));
    const picture = pictureOf(measure, view, grids, true);
    const fits = (scale: number): boolean =>
        picture.width * picture.height * scale * scale <= PNG_PIXELS &&
        Math.max(picture.width, picture.height) * scale <= PNG_SIDE;
    const whole = fits(1);
    const shown = whole ? picture : pictureOf(measure, view, grids, false);
    const scale = !whole || fits(2) ? 2 : 1;
    const canvas = document.createElement('canvas');
    canvas.width = Math.ceil(shown.width * scale);
    canvas.height = Math.ceil(shown.height * scale);
    const target = context(canvas);
    target.setTransform(scale, 0, 0, scale, 0, 0);
    paintPicture(new CanvasSurface(target), view, shown);
    return { content: canvas, whole };
}

function pictureOf(surface: Surface, view: LensView, grids: readonly ShownGrid[], whole: boolean): Picture {
    const parts = grids.map(({ run, window }) => {
        const scene = RunScene.forFile(view, run);
        return { run, scene, window: whole ? all(scene) : window };
    });
    const width = Math.max(CAPTION_WIDTH, ...parts.map(({ window }) => window.width));
    const runs = grids.map(({ run }) => run);
    const caption = captionOf(surface, view, runs, width);
    const title = parts.length > 1 ? TITLE : 0;
    const height = parts.reduce((sum, { window }) => sum + title + window.height, caption.height);
    return { parts, caption, width, height };
}

/** Paints the grids, each with its title where there are two, and the caption. */
function paintPicture(surface: Surface, view: LensView, { parts, caption, width, height }: Picture): void {
    const { palette } = view;
    const fitter = new TextFitter();
    surface.rect(0, 0, width, height, palette.paper);
    let y = 0;
    for (const { run, scene, window } of parts) {
        if (parts.length > 1) {
            const title = fitter.fit(surface, view.runTitle(run), 11, width - 20);
            surface.text(title, 10, y + TITLE / 2, { size: 11, fill: palette.ink, align: 'start' });
            y += TITLE;
        }
        surface.moved(0, y, () =>
            // Of what is seen alone, the last cells can be cut.
            surface.clipped(0, 0, window.width, window.height, () => paintGrid(surface, scene, window, fitter)),
        );
        y += window.height;
    }
    paintCaption(surface, y, caption, palette);
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
