namespace OnnxLens.Runtime;

/// <summary>How the lens finds the likely tokens of a row.</summary>
public enum Candidates
{
    /// <summary>By every logit, exactly.</summary>
    None,

    /// <summary>
    /// By logits of an unembedding in 8 bits, of which the largest, and those of targets, are computed again exactly. Faster, with a
    /// second copy of the unembedding in memory at a quarter of its fp32 size. What it costs in accuracy is measured in every lens.
    /// </summary>
    Int8,
}
