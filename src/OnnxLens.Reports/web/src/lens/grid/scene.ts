import { readableOn } from '../../shared/colour';
import { visibleStart } from '../../shared/visible-text';
import { type LensRun } from '../model/lens-run';
import { type Place } from '../model/view-state';
import { tokensDiffer } from '../model/words';
import { type LensView } from '../view';
import { type GridPlace, type Layout, makeLayout, placeOf } from './layout';
import { type CellPicture, type Label, type PositionPicture, type Scene } from './pictures';

/** More characters than the widest cell shows. */
const LABEL_LENGTH = 24;

/** The labels of a run's tokens, made once each. */
export class Labels {
    private readonly labels = new Map<number, Label>();

    constructor(private readonly run: LensRun) {}

    of(id: number): Label {
        const known = this.labels.get(id);
        if (known !== undefined) {
            return known;
        }
        const text = id < 0 ? '?' : this.run.text(id);
        const form = id < 0 ? 'text' : this.run.form(id);
        const label = {
            text: visibleStart(text, LABEL_LENGTH),
            special: form === 'special' || form === 'missing',
            partial: form === 'bytes',
        };
        this.labels.set(id, label);
        return label;
    }
}

/** The scene of a run as the view has it now. */
export class RunScene implements Scene {
    readonly layout: Layout;
    readonly palette;
    readonly outlines;
    private readonly colouring;
    private readonly found;

    constructor(
        private readonly view: LensView,
        private readonly run: LensRun,
        private readonly labels: Labels,
        outlined: GridPlace | null | 'none',
    ) {
        const { zoom, transposed } = view.state;
        this.layout = makeLayout(view.axes.layers.length, view.axes.positions.length, zoom, transposed);
        this.palette = view.palette;
        this.colouring = view.colouring;
        this.found = view.matchesIn(run);
        this.outlines = outlined === 'none' ? [] : this.outlined(outlined);
    }

    /** A scene for a file: without the marks of cursor and pointer. */
    static forFile(view: LensView, run: LensRun): RunScene {
        return new RunScene(view, run, new Labels(run), 'none');
    }

    cell(layerRow: number, positionColumn: number): CellPicture | null {
        const pair = this.view.pair(this.run, layerRow, positionColumn);
        if (pair.cell < 0) {
            return null;
        }
        const label = this.labels.of(this.run.topId(pair.cell));
        const steered = this.run.steering.mark(this.view.state.site, this.placeAt(layerRow, positionColumn));
        const value = this.colouring?.value(pair) ?? null;
        if (this.colouring === null || value === null || Number.isNaN(value)) {
            const unknown = this.colouring !== null && value === null;
            return { label, fill: null, ink: unknown ? this.palette.muted : this.palette.ink, unknown, steered };
        }
        const fill = this.palette[this.colouring.kind](this.colouring.share(value));
        return { label, fill, ink: readableInk(fill), unknown: false, steered };
    }

    matches(layerRow: number, positionColumn: number): boolean {
        if (this.found.ids.size === 0) {
            return false;
        }
        const { cell } = this.view.pair(this.run, layerRow, positionColumn);
        return cell >= 0 && this.found.ids.has(this.run.topId(cell));
    }

    position(positionColumn: number): PositionPicture {
        const position = this.view.axes.positions[positionColumn] ?? 0;
        const { first, second } = this.view;
        return {
            number: String(position),
            label: this.labels.of(this.run.tokenId(position)),
            generated: this.run.tokens[position]?.phase === 'generated',
            steered: this.run.steering.hasPosition(position),
            differs: second !== null && tokensDiffer(first, second, position),
            matches: this.found.positions.has(position),
        };
    }

    layer(layerRow: number): string {
        return `L${this.view.axes.layers[layerRow] ?? ''}`;
    }

    isSteered(layerRow: number): boolean {
        return this.run.steering.hasLayer(this.view.axes.layers[layerRow] ?? -1);
    }

    private placeAt(layerRow: number, positionColumn: number): Place {
        const { layers, positions } = this.view.axes;
        return { layer: layers[layerRow] ?? -1, position: positions[positionColumn] ?? -1 };
    }

    private outlined(hovered: GridPlace | null): Scene['outlines'] {
        const { cursor, pinned } = this.view.state;
        const { ink, accent } = this.palette;
        return [
            { place: hovered, colour: ink, thickness: 1 },
            { place: pinned === null ? null : this.placeOf(pinned), colour: ink, thickness: 3 },
            { place: this.placeOf(cursor), colour: accent, thickness: 2 },
        ].filter((outline): outline is Scene['outlines'][number] => outline.place !== null);
    }

    /** Where a cell lies; null where the stride leaves it out. */
    placeOf({ layer, position }: Place): GridPlace | null {
        const row = this.view.axes.layers.indexOf(layer);
        const column = this.view.axes.positions.indexOf(position);
        return row < 0 || column < 0 ? null : placeOf(this.layout, row, column);
    }
}

const inks = new Map<string, string>();

function readableInk(fill: string): string {
    const ink = inks.get(fill) ?? readableOn(fill);
    inks.set(fill, ink);
    return ink;
}
