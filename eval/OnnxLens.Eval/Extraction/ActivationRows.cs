using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;

namespace OnnxLens.Eval.Extraction;

/// <summary>Rows of activations, [n][H] fp32, as arithmetic in double precision needs them.</summary>
public static class ActivationRows
{
    /// <summary>Positive minus negative of each pair, [n][H].</summary>
    /// <param name="positive">Activations with the trait, one row a pair.</param>
    /// <param name="negative">Activations without it, in the same order.</param>
    /// <exception cref="ArgumentException">The numbers of rows or their lengths differ.</exception>
    /// <exception cref="EvalException">There is no pair, or a value is not finite.</exception>
    public static float[][] Differences(IReadOnlyList<float[]> positive, IReadOnlyList<float[]> negative)
    {
        Check(positive, nameof(positive));
        Check(negative, nameof(negative));
        if (positive.Count != negative.Count || positive[0].Length != negative[0].Length)
        {
            throw new ArgumentException($"{positive.Count} rows of {positive[0].Length} and {negative.Count} rows of {negative[0].Length} make no pairs.", nameof(negative));
        }

        return [.. positive.Zip(negative, (with, without) =>
        {
            float[] difference = new float[with.Length];
            TensorPrimitives.Subtract(with, without, difference);
            return difference;
        })];
    }

    /// <summary>Refuses what no direction can be made of.</summary>
    internal static void Check(IReadOnlyList<float[]> rows, string name)
    {
        ArgumentNullException.ThrowIfNull(rows, name);
        if (rows.Count == 0)
        {
            throw new EvalException("There are no activations to make a direction of. At least one pair is needed.");
        }

        for (int row = 0; row < rows.Count; row++)
        {
            if (rows[row].Length != rows[0].Length || rows[row].Length == 0)
            {
                throw new ArgumentException($"Row {row} has {rows[row].Length} values, the first has {rows[0].Length}.", name);
            }

            int bad = rows[row].AsSpan().IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            if (bad >= 0)
            {
                throw new EvalException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The activations of pair {row} have {rows[row][bad]} as value {bad}, where a finite number was expected. Run the model in fp32."));
            }
        }
    }

    internal static double[][] ToDouble(IReadOnlyList<float[]> rows) => [.. rows.Select(row => ToDouble(row))];

    internal static double[] ToDouble(ReadOnlySpan<float> row)
    {
        double[] wide = new double[row.Length];
        TensorPrimitives.ConvertChecked(row, wide);
        return wide;
    }

    internal static double[] Mean(double[][] rows)
    {
        double[] mean = new double[rows[0].Length];
        foreach (double[] row in rows)
        {
            TensorPrimitives.Add(mean, row, mean);
        }

        TensorPrimitives.Divide(mean, rows.Length, mean);
        return mean;
    }

    /// <summary>Takes a row from each row, in place.</summary>
    internal static void Subtract(double[][] rows, double[] mean)
    {
        foreach (double[] row in rows)
        {
            TensorPrimitives.Subtract(row, mean, row);
        }
    }

    internal static ImmutableArray<float> ToSingle(ReadOnlySpan<double> values)
    {
        float[] narrow = new float[values.Length];
        TensorPrimitives.ConvertTruncating(values, narrow);
        return [.. narrow];
    }
}
