namespace OnnxLens.Export.Instrument.Checking;

/// <summary>How far two lists of numbers are apart.</summary>
/// <param name="Largest">The largest absolute difference.</param>
/// <param name="Scale">The largest magnitude in the first, at least 1.</param>
internal readonly record struct Difference(double Largest, double Scale)
{
    /// <summary>The difference in units of the scale.</summary>
    public double Relative => Largest / Scale;

    /// <summary>Compares.</summary>
    public static Difference Of(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(actual.Length, expected.Length);
        double largest = 0;
        double scale = 1;
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = expected[i] == actual[i] ? 0 : Math.Abs((double)expected[i] - actual[i]);
            largest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, difference);
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }

        return new Difference(largest, scale);
    }

    /// <summary>The larger of two.</summary>
    public static Difference Max(Difference first, Difference second) => first.Relative >= second.Relative ? first : second;
}
