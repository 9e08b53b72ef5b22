using OnnxLens.Bundles;

namespace OnnxLens.Eval.Drift;

/// <summary>How far B is from A at one hook point, over all positions of all prompts. Null stands for undefined.</summary>
public sealed record PointDrift
{
    /// <summary>The hook point. That of the last residual is the drift of the model's own output.</summary>
    public required HookPoint Point { get; init; }

    /// <summary>Positions compared.</summary>
    public required int Positions { get; init; }

    /// <summary>Positions that could not be, for an activation or logit of A or B is not finite.</summary>
    public required int Undefined { get; init; }

    /// <summary>Mean cosine of the activation rows.</summary>
    public double? CosineMean { get; init; }

    /// <summary>The cosine below which <see cref="DriftSummarizer.LowQuantile"/> of the positions lie.</summary>
    public double? CosineLow { get; init; }

    /// <summary>The least cosine.</summary>
    public double? CosineMin { get; init; }

    /// <summary>Mean of ‖b − a‖ / ‖a‖.</summary>
    public double? RelativeDifferenceMean { get; init; }

    /// <summary>The largest of them.</summary>
    public double? RelativeDifferenceMax { get; init; }

    /// <summary>Mean KL(A‖B) of the lens distributions, nats.</summary>
    public double? KlMean { get; init; }

    /// <summary>The largest, nats.</summary>
    public double? KlMax { get; init; }

    /// <summary>Share of positions at which both have the same top token.</summary>
    public double? TopAgreement { get; init; }

    /// <summary>Mean share of A's top k tokens that are among B's.</summary>
    public double? TopOverlap { get; init; }

    /// <summary>Mean entropy of A's lens, nats.</summary>
    public double? EntropyA { get; init; }

    /// <summary>Mean entropy of B's lens, nats.</summary>
    public double? EntropyB { get; init; }

    /// <summary>Mean of entropy B − entropy A, nats.</summary>
    public double? EntropyShiftMean { get; init; }

    /// <summary>Mean of its absolute value, nats: shifts in both directions do not cancel in it.</summary>
    public double? EntropyShiftAbsMean { get; init; }

    /// <summary>Positions that a token of the prompt follows, over which perplexity is taken.</summary>
    public required int Predicted { get; init; }

    /// <summary>exp of the mean negative log-probability that A's lens gives the prompt's own next token.</summary>
    public double? PerplexityA { get; init; }

    /// <summary>The same by B.</summary>
    public double? PerplexityB { get; init; }

    /// <summary>True where nothing that was compared differs: activations bit for bit, and distributions.</summary>
    public bool IsExact => Positions > 0 && Undefined == 0 && RelativeDifferenceMax == 0 && KlMax == 0;
}
