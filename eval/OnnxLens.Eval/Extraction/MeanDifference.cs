using System.Collections.Immutable;
using System.Numerics.Tensors;

namespace OnnxLens.Eval.Extraction;

/// <summary>The mean of the differences of pairs: the steering vector of contrastive activation addition.</summary>
/// <param name="Values">H values, fp32, summed in double precision. Not normalised: multiplier 1 moves by as much as the trait does.</param>
/// <param name="Norm">Its Euclidean length.</param>
/// <param name="Agreement">Mean cosine of the single differences with it, in [−1, 1]; a difference of exactly 0 counts as 0. Null where the mean is 0.</param>
/// <remarks>Rimsky et al. 2024, Steering Llama 2 via Contrastive Activation Addition. The agreement is the mean cosine of Tan et al. 2024.</remarks>
public sealed record MeanDifference(ImmutableArray<float> Values, double Norm, double? Agreement)
{
    /// <summary>Takes the mean.</summary>
    /// <param name="differences">[n][H], positive minus negative (<see cref="ActivationRows.Differences"/>).</param>
    /// <exception cref="EvalException">There is no row, or a value is not finite.</exception>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static MeanDifference Of(IReadOnlyList<float[]> differences)
    {
        ActivationRows.Check(differences, nameof(differences));
        double[][] rows = ActivationRows.ToDouble(differences);
        double[] mean = ActivationRows.Mean(rows);
        double norm = TensorPrimitives.Norm<double>(mean);
        return new MeanDifference(ActivationRows.ToSingle(mean), norm, norm > 0 ? rows.Average(row => Cosine(row, mean, norm)) : null);
    }

    private static double Cosine(double[] row, double[] mean, double norm)
    {
        double length = TensorPrimitives.Norm<double>(row);
        return length > 0 ? Math.Clamp(TensorPrimitives.Dot<double>(row, mean) / length / norm, -1, 1) : 0;
    }
}
