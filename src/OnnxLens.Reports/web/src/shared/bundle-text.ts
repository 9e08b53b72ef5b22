import { nameText } from './name-text';

/** What a provenance says of a bundle. */
export interface BundleFacts {
    readonly bundle_hash: string;
    readonly precision: string;
    readonly quantization?: readonly { readonly bits: number }[] | null;
}

/** A bundle in a few words, for a line below a picture: the beginning of its hash, its arithmetic and the forms of its weights. */
export function bundleText({ bundle_hash: hash, precision, quantization }: BundleFacts): string {
    const forms = [...new Set((quantization ?? []).map(({ bits }) => `int${bits}`))];
    const over = forms.length === 0 ? '' : ` over ${forms.join(' and ')}`;
    return `bundle ${nameText(hash.slice(0, 8))}, ${nameText(precision)}${over}`;
}
