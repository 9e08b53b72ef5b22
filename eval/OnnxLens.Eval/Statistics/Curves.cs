namespace OnnxLens.Eval.Statistics;

/// <summary>What is said of several curves over the same multipliers.</summary>
public static class Curves
{
    /// <summary>The mean of the rows at each multiplier.</summary>
    /// <param name="rows">At least one row, all of one length.</param>
    /// <exception cref="ArgumentException">There is no row, or lengths differ.</exception>
    public static double[] Mean(IReadOnlyList<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || rows.Any(row => row.Length != rows[0].Length))
        {
            throw new ArgumentException("Rows of one length are needed, at least one.", nameof(rows));
        }

        return [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Average(row => row[column]))];
    }

    /// <summary>True where every value is larger than the one before it.</summary>
    public static bool RisesAtEveryStep(ReadOnlySpan<double> row)
    {
        for (int i = 1; i < row.Length; i++)
        {
            if (!(row[i] > row[i - 1]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The fraction of slopes below 0. A slope of exactly 0 does not count.</summary>
    /// <remarks>Tan et al. 2024, Analyzing the Generalization and Reliability of Steering Vectors: the anti-steerable samples.</remarks>
    /// <exception cref="ArgumentException">There is no slope.</exception>
    public static double AntiSteerable(IReadOnlyCollection<double> slopes)
    {
        ArgumentNullException.ThrowIfNull(slopes);
        return slopes.Count > 0
            ? (double)slopes.Count(slope => slope < 0) / slopes.Count
            : throw new ArgumentException("There is no slope.", nameof(slopes));
    }
}
