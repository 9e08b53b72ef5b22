using OnnxLens.Bundles;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.RandomCheckpoints;

/// <summary>How a made-up weight is drawn: uniform about a mean, with one standard deviation.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">The standard deviation.</param>
/// <param name="RandomSign">True where each value is negated with probability ½.</param>
internal readonly record struct WeightDistribution(double Mean, double StandardDeviation, bool RandomSign = false)
{
    // A query and a key of this spread give attention scores of spread 2.9 (its square): peaked, not saturated.
    private const double QuerySpread = 1.7;
    private const double LogitSpread = 2;
    private const double NormSpread = 0.12;
    private const double BiasSpread = 0.2;

    /// <summary>The distribution of a weight, by its name.</summary>
    /// <remarks>
    /// Rows that enter a projection are normed, so an entry of spread s / √in gives outputs of spread s. What a block adds to the residual
    /// stream is kept at about half of the embedding's spread. In a tied model the final norm's signs are random: without that, the
    /// embedding in the residual would make each token predict itself.
    /// </remarks>
    public static WeightDistribution Of(string name, Architecture architecture)
    {
        ModelFacts facts = architecture.Facts;
        double perHidden = 1 / Math.Sqrt(facts.HiddenSize);
        double stream = facts.TiedEmbedding ? LogitSpread * perHidden : 1;
        double query = architecture.QkNorm ? 1 : QuerySpread;
        string part = name.StartsWith("model.layers.", StringComparison.Ordinal) ? name.Split('.', 4)[3] : name;
        return part switch
        {
            WeightNames.Embedding => new(0, stream),
            WeightNames.LmHead => new(0, LogitSpread * perHidden),
            WeightNames.FinalNorm => new(1, NormSpread, RandomSign: facts.TiedEmbedding),
            "self_attn.q_norm.weight" or "self_attn.k_norm.weight" => new(QuerySpread, NormSpread),
            "self_attn.q_proj.weight" or "self_attn.k_proj.weight" => new(0, query * perHidden),
            "self_attn.o_proj.weight" => new(0, 0.7 * stream / Math.Sqrt((double)facts.Heads * facts.HeadDim)),
            "mlp.gate_proj.weight" => new(0, 1.5 * perHidden),
            "mlp.down_proj.weight" => new(0, 0.7 * stream / Math.Sqrt(facts.IntermediateSize!.Value)),
            "self_attn.o_proj.bias" or "mlp.down_proj.bias" => new(0, BiasSpread * stream),
            _ when part.EndsWith(".bias", StringComparison.Ordinal) => new(0, BiasSpread),
            _ when part.EndsWith("layernorm.weight", StringComparison.Ordinal) => new(1, NormSpread),
            _ => new(0, perHidden),
        };
    }
}
