using System.Collections.Immutable;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace OnnxLens.Eval.Extraction;

/// <summary>The direction in which the differences of pairs are longest: their first right singular vector.</summary>
/// <param name="Values">H values, fp32, of length 1, turned so that the dot product with the mean difference is not negative.</param>
/// <param name="SingularRatio">First singular value over the second: near 1, the direction is a matter of chance. Null where there is no second one.</param>
/// <param name="CosineToMean">Cosine with the mean difference; null where that is 0.</param>
/// <remarks>
/// Zou et al. 2023, Representation Engineering, section 3.1; Jolliffe, Principal Component Analysis, section 3.5, for the singular
/// vectors by way of the smaller of the two matrices of products, n×n or H×H, in double precision.
/// </remarks>
public sealed record PrincipalDirection(ImmutableArray<float> Values, double? SingularRatio, double? CosineToMean)
{
    /// <summary>A second eigenvalue below this part of the first is rounding.</summary>
    private const double Negligible = 1e-13;

    /// <summary>Finds the direction.</summary>
    /// <param name="differences">[n][H], positive minus negative (<see cref="ActivationRows.Differences"/>).</param>
    /// <param name="centred">True: the mean is taken off first, which leaves how the differences vary; false: as they are.</param>
    /// <exception cref="EvalException">There is no row, a value is not finite, or nothing is left that has a direction.</exception>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static PrincipalDirection Of(IReadOnlyList<float[]> differences, bool centred)
    {
        ActivationRows.Check(differences, nameof(differences));
        double[][] rows = ActivationRows.ToDouble(differences);
        double[] mean = ActivationRows.Mean(rows);
        if (centred)
        {
            ActivationRows.Subtract(rows, mean);
        }

        if (rows.All(row => !row.AsSpan().ContainsAnyExcept(0)))
        {
            string what = centred ? "All differences are the same, so that nothing varies around their mean" : "All differences are 0";
            throw new EvalException($"{what}: there is no principal direction. Check that the two sides of the pairs differ{(centred ? ", and give more pairs" : "")}.");
        }

        (double[] direction, double? ratio) = First(DenseMatrix.OfRowArrays(rows));
        double dot = TensorPrimitives.Dot<double>(direction, mean);
        double norm = TensorPrimitives.Norm<double>(mean);
        if (dot < 0)
        {
            TensorPrimitives.Negate(direction, direction);
        }

        return new PrincipalDirection(ActivationRows.ToSingle(direction), ratio, norm > 0 ? Math.Min(1, Math.Abs(dot) / norm) : null);
    }

    private static (double[] Direction, double? Ratio) First(DenseMatrix rows)
    {
        bool wide = rows.RowCount <= rows.ColumnCount;
        Matrix<double> products = wide ? rows.TransposeAndMultiply(rows) : rows.TransposeThisAndMultiply(rows);
        Evd<double> evd = products.Evd(Symmetricity.Symmetric);
        int last = products.RowCount - 1;
        Vector<double> vector = evd.EigenVectors.Column(last);
        double[] direction = (wide ? rows.LeftMultiply(vector) : vector).Normalize(2).ToArray();
        double first = evd.EigenValues[last].Real;
        double second = last > 0 ? evd.EigenValues[last - 1].Real : 0;
        return (direction, second > Negligible * first ? Math.Sqrt(first / second) : null);
    }
}
