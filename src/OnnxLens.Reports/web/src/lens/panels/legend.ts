import { element, svgElement } from '../../shared/dom';
import { markCorners } from '../grid/steered-mark';
import { type Colouring } from '../model/colouring';
import { MARK_WORDS, operationsWords, type SteeredAt, steeredMarks, unplacedWords } from '../model/steering';
import { type LensView } from '../view';

const MARGIN = 32;
const STEPS = 70;
const STEP = 4;
const SPAN = STEPS * STEP;
const WIDTH = SPAN + 2 * MARGIN;

/** What the colours mean, with units, and the other signs of the grid. */
export class Legend {
    readonly node = element('div', { class: 'legend', role: 'group', 'aria-label': 'What the grid shows' });

    constructor(private readonly view: LensView) {}

    update(): void {
        const { colouring } = this.view;
        this.node.replaceChildren(
            ...(colouring === null
                ? []
                : [
                      element('span', { class: 'legend-title' }, colouring.title),
                      ...(colouring.discrete === true ? this.swatches(colouring) : [this.scale(colouring)]),
                  ]),
            ...(colouring?.unknown == null ? [] : [element('span', { class: 'sign unknown' }, colouring.unknown)]),
            ...this.signs(),
        );
    }

    private swatches({ ticks, kind }: Colouring): HTMLElement[] {
        return ticks.map(({ share, text }) => {
            const { line, [kind]: shade } = this.view.palette;
            const box = { x: 0.5, y: 0.5, width: 17, height: 11 };
            const sample = svgElement('rect', { ...box, fill: shade(share), stroke: line });
            return element(
                'span',
                { class: 'sign' },
                svgElement('svg', { width: 18, height: 12, 'aria-hidden': 'true' }, sample),
                text,
            );
        });
    }

    private scale(colouring: Colouring): SVGSVGElement {
        const shade = this.view.palette[colouring.kind];
        const rects = Array.from({ length: STEPS }, (_, step) =>
            svgElement('rect', {
                x: MARGIN + step * STEP,
                y: 1,
                width: STEP,
                height: 12,
                fill: shade((step + 0.5) / STEPS),
            }),
        );
        const ticks = colouring.ticks.map(({ share, text }) =>
            svgElement('text', { x: MARGIN + share * SPAN, y: 26, 'text-anchor': 'middle' }, text),
        );
        const label = `Colour scale: ${colouring.title}, ${colouring.ticks.map((tick) => tick.text).join(', ')}`;
        return svgElement(
            'svg',
            {
                class: 'chart scale',
                viewBox: `0 0 ${WIDTH} 30`,
                width: WIDTH,
                height: 30,
                role: 'img',
                'aria-label': label,
            },
            ...rects,
            svgElement('rect', {
                x: MARGIN,
                y: 1,
                width: SPAN,
                height: 12,
                fill: 'none',
                stroke: this.view.palette.line,
            }),
            ...ticks,
        );
    }

    private signs(): HTMLElement[] {
        const tokens = this.view.shownRuns.flatMap((run) => run.tokens);
        return [
            ...(tokens.some((token) => token.phase === 'generated')
                ? [
                      element('span', { class: 'sign prompt' }, 'prompt'),
                      element('span', { class: 'sign generated' }, 'generated'),
                  ]
                : []),
            element('span', { class: 'sign' }, element('i', {}, 'special token')),
            element('span', { class: 'sign' }, element('u', {}, 'part of a character')),
            ...this.steeredSigns(),
            ...(this.view.second === null
                ? []
                : [element('span', { class: 'sign' }, '≠ the runs read other tokens here')]),
        ];
    }

    /** The marks of steered cells that the grids have, and what they stand for. */
    private steeredSigns(): HTMLElement[] {
        const { shownRuns, second, first, state } = this.view;
        const steered = shownRuns.filter(({ steering }) => steering.operations.length > 0);
        const marks = steeredMarks(steered, state.site, this.view.axes);
        return [
            ...marks.map((at) =>
                element('span', { class: 'sign' }, markSample(at, this.view.palette.ink), MARK_WORDS[at]),
            ),
            ...steered.map((run) => {
                const which = second === null ? '' : run === first ? 'First run ' : 'Second run ';
                const words = operationsWords(run.steering);
                return element(
                    'span',
                    { class: 'sign' },
                    `${which}${which === '' ? 'S' : 's'}teered at ${words}${unplacedWords(run.steering)}`,
                );
            }),
        ];
    }
}

/** The mark of a steered cell, by itself. */
function markSample(at: SteeredAt, ink: string): SVGSVGElement {
    const isFull = at === 'site';
    const points = (isFull ? markCorners(1, 1, 9) : markCorners(1.5, 1.5, 8))
        .map((corner) => corner.join(','))
        .join(' ');
    const mark = svgElement('polygon', { points, fill: isFull ? ink : 'none', stroke: isFull ? null : ink });
    return svgElement('svg', { width: 11, height: 11, 'aria-hidden': 'true' }, mark);
}
