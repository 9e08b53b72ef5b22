import { type Surface } from './surface';

/** The lines of a text in at most so many pixels each, broken at spaces where there are some. */
export function wrapped(surface: Pick<Surface, 'widthOf'>, text: string, size: number, width: number): string[] {
    const lines: string[] = [];
    let line = '';
    for (const word of text.split(/(?<= )/)) {
        if (line !== '' && surface.widthOf((line + word).trimEnd(), size) > width) {
            lines.push(line.trimEnd());
            line = '';
        }
        for (const character of word) {
            if (line !== '' && surface.widthOf((line + character).trimEnd(), size) > width) {
                lines.push(line);
                line = '';
            }
            line += character;
        }
    }
    return line.trim() === '' && lines.length > 0 ? lines : [...lines, line.trimEnd()];
}
