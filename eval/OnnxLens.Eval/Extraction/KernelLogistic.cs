using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace OnnxLens.Eval.Extraction;

/// <summary>Logistic regression in the span of its rows, by Newton's method to convergence.</summary>
/// <remarks>
/// With w = Σ αᵢxᵢ and K the products of the rows, f = Kα + b. A Newton step solves a ridge regression with the weights
/// W = C p(1−p): with S = W − W½B⁻¹W½KW and B = I + W½KW½, which is positive definite, b = 1ᵀr / 1ᵀS1 and α = r − b·S1, where
/// r = q − W½B⁻¹W½Kq and q = Wf + C(t − p). Rasmussen and Williams, Gaussian Processes for Machine Learning, section 3.4.3, with an
/// intercept added. Steps are halved until the objective falls; it is convex, so that they lead to its one minimum.
/// </remarks>
internal static class KernelLogistic
{
    private const int MostSteps = 200;
    private const int MostHalvings = 60;
    private const double Tolerance = 1e-12;

    /// <summary>Above this, the ones on the diagonal of B drown in the rounding of W½KW½, and it is no longer positive definite.</summary>
    private const double LargestProduct = 1e12;

    /// <summary>Fits.</summary>
    /// <param name="products">K, [n, n].</param>
    /// <param name="labels">t: true is 1.</param>
    /// <param name="c">C.</param>
    /// <returns>α, n values, and b.</returns>
    /// <exception cref="EvalException">The rows are too long for double precision, or the steps do not come to rest.</exception>
    public static (double[] Coefficients, double Intercept) Fit(DenseMatrix products, bool[] labels, double c)
    {
        if (c * products.Diagonal().Maximum() > LargestProduct)
        {
            throw new EvalException("The activations are too large for a logistic regression. Take the mean difference, or scale the activations first.");
        }

        Vector<double> alpha = new DenseVector(labels.Length);
        double b = 0;
        Vector<double> values = products * alpha;
        double objective = Objective(alpha, values, b, labels, c);
        for (int step = 0; step < MostSteps; step++)
        {
            Vector<double> pull = Pull(values, b, labels, c);
            if (Math.Max((alpha - pull).InfinityNorm(), Math.Abs(pull.Sum())) <= Tolerance * c)
            {
                return (alpha.ToArray(), b);
            }

            (Vector<double> target, double targetB) = Solve(products, values, b, pull, c);
            Vector<double> targetValues = products * target;
            double share = 1;
            double next = Objective(target, targetValues, targetB, labels, c);
            for (int halving = 0; next > objective && halving < MostHalvings; halving++)
            {
                share /= 2;
                next = Objective(alpha + (share * (target - alpha)), values + (share * (targetValues - values)), b + (share * (targetB - b)), labels, c);
            }

            if (next >= objective && step > 0)
            {
                // No step is downhill any more: what is left of the gradient is rounding.
                return (alpha.ToArray(), b);
            }

            alpha += share * (target - alpha);
            values += share * (targetValues - values);
            b += share * (targetB - b);
            objective = next;
        }

        throw new EvalException($"The logistic regression did not come to rest in {MostSteps} steps. Take the mean difference.");
    }

    /// <summary>C(t − p): what αᵢ is at the minimum.</summary>
    private static Vector<double> Pull(Vector<double> values, double b, bool[] labels, double c) =>
        values.MapIndexed((i, value) => labels[i] ? c * Sigmoid(-value - b) : -c * Sigmoid(value + b));

    private static (Vector<double> Alpha, double B) Solve(DenseMatrix products, Vector<double> values, double b, Vector<double> pull, double c)
    {
        Vector<double> weights = values.Map(value => c * Sigmoid(value + b) * Sigmoid(-value - b));
        Vector<double> roots = weights.PointwiseSqrt();
        var system = DenseMatrix.Create(roots.Count, roots.Count, (i, j) => (i == j ? 1 : 0) + (roots[i] * products[i, j] * roots[j]));
        Cholesky<double> factor = system.Cholesky();
        Vector<double> Shrink(Vector<double> q) => q - roots.PointwiseMultiply(factor.Solve(roots.PointwiseMultiply(products * q)));

        Vector<double> ones = Shrink(weights);
        Vector<double> rest = Shrink(weights.PointwiseMultiply(values + b) + pull);
        double intercept = rest.Sum() / ones.Sum();
        return (rest - (intercept * ones), intercept);
    }

    private static double Objective(Vector<double> alpha, Vector<double> values, double b, bool[] labels, double c)
    {
        double loss = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double margin = labels[i] ? values[i] + b : -values[i] - b;
            loss += Math.Max(0, -margin) + double.LogP1(Math.Exp(-Math.Abs(margin)));
        }

        return (0.5 * alpha.DotProduct(values)) + (c * loss);
    }

    private static double Sigmoid(double value) => double.IsNegative(value) ? Math.Exp(value) / (1 + Math.Exp(value)) : 1 / (1 + Math.Exp(-value));
}
