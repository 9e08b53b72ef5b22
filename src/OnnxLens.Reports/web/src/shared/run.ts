/** Reads the data elements of a page: see docs/adr/0020-pages.md for the form. */

/** The type of the script elements that hold a run. */
export const RUN_TYPE = 'application/vnd.onnxlens.run';

/** The form that this program reads. */
export const RUN_FORMAT = 1;

export type RunKind = 'lens' | 'sweep' | 'drift';

/** An array of numbers, as long as the header says. */
export type RunArray = Float32Array | Float64Array | Int32Array;

const ARRAY_TYPES = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;

/** The header of a run: what every kind has. */
export interface RunHeader {
    readonly kind: RunKind;
    readonly format: number;
    readonly arrays: readonly {
        readonly name: string;
        readonly type: keyof typeof ARRAY_TYPES;
        readonly length: number;
    }[];
}

/** A run as its file has it: the header and the arrays by name. */
export interface Run {
    readonly header: RunHeader & Readonly<Record<string, unknown>>;
    readonly arrays: ReadonlyMap<string, RunArray>;
}

/** The data of a run cannot be read; the message is for the user. */
export class RunError extends Error {}

/** Reads the text of one data element. */
export async function readRun(text: string): Promise<Run> {
    const bytes = await unpack(text);
    const view = new DataView(bytes.buffer);
    const length = bytes.byteLength >= 4 ? view.getUint32(0, true) : 0;
    if (length === 0 || 4 + length > bytes.byteLength) {
        throw new RunError('The data of this file is cut off.');
    }
    const header = readHeader(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
    return { header, arrays: readArrays(header, bytes.buffer, aligned(4 + length)) };
}

/** The texts of all data elements of a document, in order. */
export function runTexts(document: Document): string[] {
    return [...document.querySelectorAll(`script[type="${RUN_TYPE}"]`)].map((element) => element.textContent);
}

async function unpack(text: string): Promise<Uint8Array<ArrayBuffer>> {
    try {
        const stream = new Blob([bytesOfBase64(text.trim())]).stream().pipeThrough(new DecompressionStream('gzip'));
        return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch (failure) {
        throw new RunError('The data of this file is damaged.', { cause: failure });
    }
}

function readHeader(json: string): Run['header'] {
    const header = parseHeader(json);
    if (header.format !== RUN_FORMAT) {
        throw new RunError(
            `The data of this file has the form ${String(header.format)}; this page reads ${RUN_FORMAT}.`,
        );
    }
    return header;
}

/** Whole numbers beyond the exact ones of a double, as seeds are, stay exact as texts. */
function parseHeader(json: string): Run['header'] {
    try {
        // A quote within a text has a backslash before it, so that this finds members alone.
        return JSON.parse(json.replaceAll(/(?<!\\)":(\d{16,})(?=[,}])/g, '":"$1"')) as Run['header'];
    } catch (failure) {
        throw new RunError('The data of this file is damaged.', { cause: failure });
    }
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
    const characters = atob(text);
    const bytes = new Uint8Array(characters.length);
    for (let i = 0; i < bytes.length; i++) {
        bytes[i] = characters.charCodeAt(i);
    }
    return bytes;
}

function readArrays(header: RunHeader, buffer: ArrayBuffer, start: number): Map<string, RunArray> {
    const arrays = new Map<string, RunArray>();
    let offset = start;
    for (const { name, type, length } of header.arrays) {
        const Type = ARRAY_TYPES[type];
        if (Type === undefined || !(length >= 0)) {
            throw new RunError(`The data of this file has an array of an unknown form: ${String(name)}.`);
        }
        if (offset + Type.BYTES_PER_ELEMENT * length > buffer.byteLength) {
            throw new RunError('The data of this file is cut off.');
        }
        arrays.set(name, new Type(buffer, offset, length));
        offset = aligned(offset + Type.BYTES_PER_ELEMENT * length);
    }
    return arrays;
}

const aligned = (offset: number): number => (offset + 7) & ~7;
