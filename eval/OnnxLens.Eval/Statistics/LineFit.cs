using System.Globalization;

namespace OnnxLens.Eval.Statistics;

/// <summary>A straight line through points by ordinary least squares.</summary>
/// <param name="Slope">Σ(x−x̄)(y−ȳ) / Σ(x−x̄)², in units of y per unit of x.</param>
/// <param name="Intercept">ȳ − slope · x̄.</param>
/// <param name="R2">Squared Pearson correlation, in [0, 1]; null where y is constant.</param>
/// <remarks>
/// Draper and Smith, Applied Regression Analysis, chapter 1. Everything is taken from the first y, so that a large offset costs
/// no digits and a constant y gives a slope of exactly 0 and its own value as intercept. A sum of products that is no larger
/// than what rounding can make of its terms counts as exactly 0: a slope that is zero has no sign.
/// </remarks>
public readonly record struct LineFit(double Slope, double Intercept, double? R2)
{
    private const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>Fits y on x.</summary>
    /// <param name="x">At least two different values, finite.</param>
    /// <param name="y">As many values, finite.</param>
    /// <exception cref="EvalException">All x are equal, or there is one or none.</exception>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not finite.</exception>
    public static LineFit Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Check(x, y);
        double meanX = Mean(x);
        double shift = y[0];
        double meanY = 0;
        foreach (double value in y)
        {
            meanY += value - shift;
        }

        meanY /= y.Length;
        (double sxx, double sxy, double syy, double products, double restX) = (0, 0, 0, 0, 0);
        for (int i = 0; i < x.Length; i++)
        {
            double dx = x[i] - meanX;
            double dy = y[i] - shift;
            sxx += dx * dx;
            sxy += dx * dy;
            syy += (dy - meanY) * (dy - meanY);
            products += Math.Abs(dx * dy);
            restX += dx;
        }

        sxy -= restX * meanY;
        if (Math.Abs(sxy) <= x.Length * UnitRoundoff * products)
        {
            sxy = 0;
        }

        double slope = sxy / sxx;
        return new LineFit(slope, shift + (meanY - (slope * meanX)), syy > 0 ? Math.Min(1, sxy / sxx * (sxy / syy)) : null);
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }

    private static void Check(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"There are {y.Length} values for {x.Length} places.", nameof(y));
        }

        if (!AllFinite(x) || !AllFinite(y))
        {
            throw new ArgumentException("A value is not finite.", AllFinite(x) ? nameof(y) : nameof(x));
        }

        if (x.IsEmpty || !x.ContainsAnyExcept(x[0]))
        {
            string there = x.IsEmpty ? "none" : x[0].ToString(CultureInfo.InvariantCulture);
            throw new EvalException($"The only multiplier is {there}: a slope needs at least two different multipliers. Give more of them, e.g. -1, 0 and 1.");
        }
    }

    private static bool AllFinite(ReadOnlySpan<double> values) => !values.ContainsAnyExceptInRange(double.MinValue, double.MaxValue);
}
