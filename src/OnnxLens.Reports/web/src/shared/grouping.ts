/** Adds a value to those of a key. */
export function addTo<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
    const there = groups.get(key);
    if (there === undefined) {
        groups.set(key, [value]);
    } else {
        there.push(value);
    }
}
