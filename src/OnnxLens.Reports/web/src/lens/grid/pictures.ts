import { type Palette } from '../../shared/palette';
import { type SteeredAt } from '../model/steering';
import { type GridPlace, type Layout } from './layout';

/** A token as it is drawn. */
export interface Label {
    readonly text: string;
    /** Special tokens are italic. */
    readonly special: boolean;
    /** Tokens that are part of a character are underlined. */
    readonly partial: boolean;
}

/** A cell as it is drawn. */
export interface CellPicture {
    readonly label: Label;
    /** The shade; null where there is none. */
    readonly fill: string | null;
    readonly ink: string;
    /** The number behind the shade is not known: the cell has a mark in its corner instead. */
    readonly unknown: boolean;
    /** How it was steered: a mark in its other corner, full at the site that is shown, hollow at another one of its layer. */
    readonly steered: SteeredAt | null;
}

/** The header of a position. */
export interface PositionPicture {
    readonly number: string;
    readonly label: Label;
    readonly generated: boolean;
    /** The other run has another token here. */
    readonly differs: boolean;
    /** Something was steered here. */
    readonly steered: boolean;
    readonly matches: boolean;
}

/** What a grid shows, cell by cell. Rows of layers count from the last layer. */
export interface Scene {
    readonly layout: Layout;
    readonly palette: Palette;
    cell(layerRow: number, positionColumn: number): CellPicture | null;
    matches(layerRow: number, positionColumn: number): boolean;
    position(positionColumn: number): PositionPicture;
    layer(layerRow: number): string;
    /** Whether something was steered in a layer. */
    isSteered(layerRow: number): boolean;
    /** Outlines of single cells, the last on top. */
    readonly outlines: readonly { readonly place: GridPlace; readonly colour: string; readonly thickness: number }[];
}
