namespace OnnxLens.Testing;

/// <summary>RMS norm in double: x / √(mean(x²) + ε) · weight.</summary>
/// <param name="Weight">One value per element.</param>
/// <param name="Epsilon">ε, inside the root.</param>
public sealed record ReferenceNorm(double[] Weight, double Epsilon)
{
    /// <summary>The norm of a row.</summary>
    public double[] Of(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        double[] result = new double[row.Length];
        Apply(row, result);
        return result;
    }

    /// <summary>The norm of each head of a row by itself (Qwen3's q and k norms).</summary>
    /// <param name="row">Heads × D values, with D the length of <see cref="Weight"/>.</param>
    public double[] OfEachHead(double[] row)
    {
        ArgumentNullException.ThrowIfNull(row);
        double[] result = new double[row.Length];
        for (int start = 0; start < row.Length; start += Weight.Length)
        {
            Apply(row.AsSpan(start, Weight.Length), result.AsSpan(start, Weight.Length));
        }

        return result;
    }

    private void Apply(ReadOnlySpan<double> row, Span<double> result)
    {
        double squares = 0;
        foreach (double value in row)
        {
            squares += value * value;
        }

        double scale = 1 / Math.Sqrt((squares / row.Length) + Epsilon);
        for (int i = 0; i < row.Length; i++)
        {
            result[i] = row[i] * scale * Weight[i];
        }
    }
}
