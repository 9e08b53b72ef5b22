/** The sites of a block in the order in which a forward pass meets them. */
export const SITES = ['resid_pre', 'attn_in', 'attn_out', 'resid_mid', 'mlp_in', 'mlp_out', 'resid_post'] as const;

/** A named place in a layer. */
export interface HookPoint {
    readonly site: string;
    readonly layer: number;
}

/** A hook point as the program writes it: `mlp_in.12`. */
export const pointText = ({ site, layer }: HookPoint): string => `${site}.${layer}`;

/** The order of a forward pass: by layer, then site. */
export const byPoint = (a: HookPoint, b: HookPoint): number =>
    a.layer - b.layer || siteOrder(a.site) - siteOrder(b.site);

/** Different values, in the order in which they come. */
export const distinct = <T>(values: Iterable<T>): T[] => [...new Set(values)];

/** The different sites among hook points, in the order of a forward pass. */
export const sitesOf = (points: Iterable<HookPoint>): string[] =>
    distinct([...points].map((point) => point.site)).sort((a, b) => siteOrder(a) - siteOrder(b));

const siteOrder = (site: string): number => (SITES as readonly string[]).indexOf(site);
