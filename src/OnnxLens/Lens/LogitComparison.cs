namespace OnnxLens.Lens;

/// <summary>How the distributions of two rows of logits over one vocabulary differ.</summary>
/// <param name="Kl">KL(reference‖other) = Σ p (log p − log q) over the whole vocabulary, nats; exactly 0 where the logits are equal.</param>
/// <param name="ReferenceEntropy">−Σ p log p, nats.</param>
/// <param name="OtherEntropy">−Σ q log q, nats.</param>
/// <param name="ReferenceTop">The reference's top id; ties by lower id.</param>
/// <param name="OtherTop">The other's top id.</param>
/// <param name="TopOverlap">The share of the reference's top k ids that are among the other's, in [0, 1].</param>
/// <param name="ReferenceNext">Log-probability of the token that follows, by the reference, nats; NaN where nothing follows.</param>
/// <param name="OtherNext">The same by the other.</param>
public readonly record struct LogitComparison(
    double Kl, double ReferenceEntropy, double OtherEntropy, int ReferenceTop, int OtherTop, double TopOverlap, double ReferenceNext, double OtherNext)
{
    /// <summary>True where both have the same top id.</summary>
    public bool SameTop => ReferenceTop == OtherTop;

    /// <summary>Entropy of the other − entropy of the reference, nats.</summary>
    public double EntropyShift => OtherEntropy - ReferenceEntropy;
}
