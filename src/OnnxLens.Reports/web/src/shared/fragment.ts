/** The state of a page in the fragment of its address: `#site=resid_post&stride=2`. What cannot be read is left out. */

/** The values of a fragment by name. */
export function readFragment(hash: string): ReadonlyMap<string, string> {
    return new Map(new URLSearchParams(hash.replace(/^#/, '')));
}

/** The fragment of values; those that are null are left out. */
export function fragmentText(values: Readonly<Record<string, string | null>>): string {
    const kept = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null);
    return new URLSearchParams(kept).toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
}

/** Puts a fragment into the address without a new entry of the history. */
export function showFragment(text: string): void {
    try {
        history.replaceState(null, '', text === '' ? location.pathname + location.search : `#${text}`);
    } catch {
        // Some browsers refuse it to pages of a disk, or when called often: the page works without.
    }
}

/** The value, where it is one of those allowed. */
export const oneOf = <T extends string>(value: string | undefined, allowed: readonly T[]): T | null =>
    allowed.find((candidate) => candidate === value) ?? null;

/** A whole number within bounds, both included. */
export function wholeWithin(value: string | undefined, least: number, most: number): number | null {
    const number = value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : NaN;
    return number >= least && number <= most ? number : null;
}
