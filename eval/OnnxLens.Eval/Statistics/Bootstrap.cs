using System.Collections.Immutable;
using MathNet.Numerics.Statistics;

namespace OnnxLens.Eval.Statistics;

/// <summary>Intervals of means by resampling with replacement.</summary>
/// <remarks>
/// The percentile bootstrap of Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13: n of n rows are drawn with
/// replacement, the mean is taken, and after all resamples the ends are the percentiles (1−level)/2 and (1+level)/2 of these
/// means, interpolated linearly between neighbours (type 7 of Hyndman and Fan 1996, numpy's default). Rows that are not
/// independent, such as both orders of one question, are drawn as one cluster: as many clusters as there are, each with all of
/// its rows, and the mean over all rows drawn (Davison and Hinkley, Bootstrap Methods and their Application, section 3.8).
/// </remarks>
public static class Bootstrap
{
    /// <summary>The intervals of the means of several columns. Each resample draws the same rows for all of them.</summary>
    /// <param name="columns">One or more columns of n values.</param>
    /// <param name="options">How.</param>
    /// <param name="clusters">The cluster of each row, any numbers; null where every row stands alone.</param>
    /// <param name="cancellation">Stops before the next resample.</param>
    /// <returns>One interval a column; empty where there is a single row or cluster, whose mean cannot vary.</returns>
    /// <exception cref="ArgumentException">Columns are empty or differ in length, or the options make no interval.</exception>
    public static ImmutableArray<Interval> OfMeans(
        IReadOnlyList<double[]> columns, BootstrapOptions options, IReadOnlyList<int>? clusters = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Check(columns, clusters);
        (double[] sums, int[] sizes) = Collect(columns, clusters);
        return sizes.Length < 2 ? [] : [.. Resample(sums, sizes, columns.Count, options, cancellation).Select(means => Ends(means, options.Level))];
    }

    /// <summary>The sums of each cluster's rows, [cluster][column] row-major, and how many rows it has.</summary>
    private static (double[] Sums, int[] Sizes) Collect(IReadOnlyList<double[]> columns, IReadOnlyList<int>? clusters)
    {
        int rows = columns[0].Length;
        var numbers = new Dictionary<int, int>();
        int[] places = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            int name = clusters is null ? row : clusters[row];
            numbers.TryAdd(name, numbers.Count);
            places[row] = numbers[name];
        }

        double[] sums = new double[numbers.Count * columns.Count];
        int[] sizes = new int[numbers.Count];
        for (int row = 0; row < rows; row++)
        {
            sizes[places[row]]++;
            for (int column = 0; column < columns.Count; column++)
            {
                sums[(places[row] * columns.Count) + column] += columns[column][row];
            }
        }

        return (sums, sizes);
    }

    private static double[][] Resample(double[] sums, int[] sizes, int columns, BootstrapOptions options, CancellationToken cancellation)
    {
        double[][] means = [.. Enumerable.Range(0, columns).Select(_ => new double[options.Resamples])];
        double[] totals = new double[columns];
        var random = new SeededRandom(options.Seed);
        for (int resample = 0; resample < options.Resamples; resample++)
        {
            cancellation.ThrowIfCancellationRequested();
            Array.Clear(totals);
            int size = 0;
            for (int draw = 0; draw < sizes.Length; draw++)
            {
                int cluster = random.Below(sizes.Length);
                size += sizes[cluster];
                for (int column = 0; column < columns; column++)
                {
                    totals[column] += sums[(cluster * columns) + column];
                }
            }

            for (int column = 0; column < columns; column++)
            {
                means[column][resample] = totals[column] / size;
            }
        }

        return means;
    }

    private static Interval Ends(double[] means, double level)
    {
        Array.Sort(means);
        return new Interval(
            SortedArrayStatistics.QuantileCustom(means, (1 - level) / 2, QuantileDefinition.R7),
            SortedArrayStatistics.QuantileCustom(means, (1 + level) / 2, QuantileDefinition.R7));
    }

    private static void Check(IReadOnlyList<double[]> columns, IReadOnlyList<int>? clusters)
    {
        if (columns.Count == 0 || columns[0].Length == 0 || columns.Any(column => column.Length != columns[0].Length))
        {
            throw new ArgumentException("Columns of one length are needed, with at least one row.", nameof(columns));
        }

        if (clusters is not null && clusters.Count != columns[0].Length)
        {
            throw new ArgumentException($"There are {clusters.Count} cluster numbers for {columns[0].Length} rows.", nameof(clusters));
        }
    }
}
