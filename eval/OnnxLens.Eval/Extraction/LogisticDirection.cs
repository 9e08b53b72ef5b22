using System.Collections.Immutable;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra.Double;

namespace OnnxLens.Eval.Extraction;

/// <summary>The direction that separates the two sides of pairs best: the weights of a logistic regression.</summary>
/// <param name="Weights">H values, fp32: the log odds of the trait are w·x + b.</param>
/// <param name="Direction">The weights divided by their length.</param>
/// <param name="Intercept">b.</param>
/// <param name="TrainAccuracy">The part of the rows it was fitted to that lie on their own side.</param>
/// <remarks>
/// Minimises ½|w|² + C Σ log(1 + exp(−y(w·x + b))) with y = ±1 and b not penalised: scikit-learn's LogisticRegression with an L2
/// penalty. The weights lie in the span of the rows, so that 2n coefficients and b are found in place of H weights
/// (<see cref="KernelLogistic"/>).
/// </remarks>
public sealed record LogisticDirection(ImmutableArray<float> Weights, ImmutableArray<float> Direction, double Intercept, double TrainAccuracy)
{
    /// <summary>Fits.</summary>
    /// <param name="positive">Activations with the trait, [n][H].</param>
    /// <param name="negative">Activations without it, [m][H].</param>
    /// <param name="c">C: the larger, the less the weights are held short.</param>
    /// <exception cref="EvalException">A side has no row, a value is not finite, or no weights separate anything.</exception>
    /// <exception cref="ArgumentException">Lengths differ, or <paramref name="c"/> is not more than 0.</exception>
    public static LogisticDirection Fit(IReadOnlyList<float[]> positive, IReadOnlyList<float[]> negative, double c = 1)
    {
        ActivationRows.Check(positive, nameof(positive));
        ActivationRows.Check(negative, nameof(negative));
        if (positive[0].Length != negative[0].Length)
        {
            throw new ArgumentException($"Rows of {positive[0].Length} and of {negative[0].Length} values cannot be compared.", nameof(negative));
        }

        if (!(c > 0 && double.IsFinite(c)))
        {
            throw new ArgumentOutOfRangeException(nameof(c), c, "C must be more than 0.");
        }

        double[][] rows = ActivationRows.ToDouble([.. positive, .. negative]);
        bool[] labels = [.. Enumerable.Repeat(true, positive.Count), .. Enumerable.Repeat(false, negative.Count)];

        // What all rows share says nothing of their difference, costs digits, and only moves b.
        double[] mean = ActivationRows.Mean(rows);
        ActivationRows.Subtract(rows, mean);
        var matrix = DenseMatrix.OfRowArrays(rows);
        (double[] coefficients, double shifted) = KernelLogistic.Fit((DenseMatrix)matrix.TransposeAndMultiply(matrix), labels, c);
        double[] weights = matrix.LeftMultiply(new DenseVector(coefficients)).ToArray();
        double norm = TensorPrimitives.Norm<double>(weights);
        if (!(norm > 0))
        {
            throw new EvalException("The rows with the trait are those without it, so that nothing separates them: there is no logistic direction. Check that the two sides of the pairs differ.");
        }

        double right = rows.Zip(labels).Count(row => TensorPrimitives.Dot<double>(row.First, weights) + shifted > 0 == row.Second);
        ImmutableArray<float> narrow = ActivationRows.ToSingle(weights);
        TensorPrimitives.Divide(weights, norm, weights);
        double intercept = shifted - (norm * TensorPrimitives.Dot<double>(weights, mean));
        return new LogisticDirection(narrow, ActivationRows.ToSingle(weights), intercept, right / rows.Length);
    }
}
