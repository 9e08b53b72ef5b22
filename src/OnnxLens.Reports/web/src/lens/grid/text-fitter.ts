import { type Surface } from './surface';

type Measure = Pick<Surface, 'widthOf'>;

/** Cuts texts to a width, and remembers what it cut. */
export class TextFitter {
    private readonly fitted = new Map<string, Map<string, string>>();

    /** The text, or its beginning with `…`, in at most so many pixels. */
    fit(surface: Measure, text: string, size: number, width: number): string {
        const key = `${size} ${width}`;
        const ofSize = this.fitted.get(key) ?? new Map<string, string>();
        this.fitted.set(key, ofSize);
        const known = ofSize.get(text);
        if (known !== undefined) {
            return known;
        }
        const cut = cutTo(surface, text, size, width);
        ofSize.set(text, cut);
        return cut;
    }
}

function cutTo(surface: Measure, text: string, size: number, width: number): string {
    if (surface.widthOf(text, size) <= width) {
        return text;
    }
    const characters = [...text];
    let [fits, tooMany] = [0, characters.length];
    while (tooMany - fits > 1) {
        const middle = (fits + tooMany) >> 1;
        if (surface.widthOf(`${characters.slice(0, middle).join('')}…`, size) <= width) {
            fits = middle;
        } else {
            tooMany = middle;
        }
    }
    return `${characters.slice(0, fits).join('')}…`;
}
