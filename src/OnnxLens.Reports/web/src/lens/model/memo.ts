/** Remembers a value until one of the things changes that it is made of. */
export class Memo<T> {
    private kept: { readonly of: readonly unknown[]; readonly value: T } | null = null;

    /** The value made of these: the last one where they are the same as then. */
    get(of: readonly unknown[], make: () => T): T {
        const { kept } = this;
        if (kept?.of.length === of.length && of.every((part, index) => part === kept.of[index])) {
            return kept.value;
        }
        const value = make();
        this.kept = { of, value };
        return value;
    }
}
