import { element } from './dom';

/** Gives the user a file. */
export function saveFile(name: string, content: Blob): void {
    const address = URL.createObjectURL(content);
    const link = element('a', { href: address, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    // The browser reads the file after the click.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** A text as part of a file's name. */
export const fileNamePart = (text: string): string => text.replaceAll(/[^\p{L}\p{N}_.-]+/gu, '-').slice(0, 80) || 'run';
