using System.Numerics.Tensors;

namespace OnnxLens.Eval.Extraction;

/// <summary>How well a direction tells rows with a trait from rows without it, on pairs that it was not made of.</summary>
/// <param name="Auc">The chance that a row with the trait lies further along the direction than one without it, ties counted half: 0.5 is chance, 1 is perfect.</param>
/// <param name="Accuracy">The part of the rows on their own side of the midpoint between the two means; a row exactly on it counts half.</param>
/// <param name="DPrime">Distance of the two means in units of the pooled standard deviation; null where neither side varies or there are fewer than three rows.</param>
/// <remarks>
/// AUC: Hanley and McNeil 1982, the Mann–Whitney statistic. d′: Green and Swets, Signal Detection Theory and Psychophysics; pooled
/// over n+m−2 degrees of freedom. The length of the direction does not matter. Products are summed in double precision.
/// </remarks>
public sealed record Separation(double Auc, double Accuracy, double? DPrime)
{
    /// <summary>Measures.</summary>
    /// <param name="direction">H values.</param>
    /// <param name="positive">Held-out rows with the trait, [n][H].</param>
    /// <param name="negative">Held-out rows without it, [m][H].</param>
    /// <exception cref="EvalException">A side has no row, or a value is not finite.</exception>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public static Separation Along(ReadOnlySpan<float> direction, IReadOnlyList<float[]> positive, IReadOnlyList<float[]> negative)
    {
        double[] with = Project(direction, positive, nameof(positive));
        double[] without = Project(direction, negative, nameof(negative));
        double meanWith = with.Average();
        double meanWithout = without.Average();
        double midpoint = (meanWith + meanWithout) / 2;
        double right = with.Sum(value => Share(value, midpoint)) + without.Sum(value => Share(midpoint, value));
        int freedom = with.Length + without.Length - 2;
        double squares = with.Sum(value => Square(value - meanWith)) + without.Sum(value => Square(value - meanWithout));
        double? distance = freedom > 0 && squares > 0 ? (meanWith - meanWithout) / Math.Sqrt(squares / freedom) : null;
        return new Separation(Wins(with, without), right / (with.Length + without.Length), distance);
    }

    private static double Wins(double[] with, double[] without)
    {
        double[] sorted = [.. without.Order()];
        return with.Average(value => (double)(Count(sorted, value, orEqual: false) + Count(sorted, value, orEqual: true)) / (2 * sorted.Length));
    }

    /// <summary>How many of the sorted values lie below a value, or below it and on it.</summary>
    private static int Count(double[] sorted, double value, bool orEqual)
    {
        (int low, int high) = (0, sorted.Length);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value || (orEqual && sorted[middle] == value) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static double[] Project(ReadOnlySpan<float> direction, IReadOnlyList<float[]> rows, string name)
    {
        ActivationRows.Check(rows, name);
        if (rows[0].Length != direction.Length)
        {
            throw new ArgumentException($"The direction has {direction.Length} values, the rows have {rows[0].Length}.", name);
        }

        double[] wide = ActivationRows.ToDouble(direction);
        return [.. rows.Select(row => TensorPrimitives.Dot<double>(wide, ActivationRows.ToDouble(row)))];
    }

    private static double Share(double larger, double smaller) => larger > smaller ? 1 : larger == smaller ? 0.5 : 0;

    private static double Square(double value) => value * value;
}
