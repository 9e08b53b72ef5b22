namespace OnnxLens.Lens;

/// <summary>How far one activation row is from another at the same place.</summary>
/// <param name="Cosine">Cosine of the angle between the rows, in [−1, 1]; exactly 1 where they are equal, NaN where just one of them is zero.</param>
/// <param name="RelativeDifference">‖other − reference‖ / ‖reference‖, Euclidean; exactly 0 where they are equal, NaN where only the reference is zero.</param>
public readonly record struct ActivationComparison(double Cosine, double RelativeDifference)
{
    /// <summary>Compares two rows of H values, in double precision.</summary>
    /// <param name="reference">H finite values.</param>
    /// <param name="other">As many.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static ActivationComparison Of(ReadOnlySpan<float> reference, ReadOnlySpan<float> other)
    {
        if (reference.Length != other.Length)
        {
            throw new ArgumentException($"Rows of {reference.Length} and {other.Length} values cannot be compared.", nameof(other));
        }

        // The quotient below is 1 only within rounding, and what is equal shall say so.
        if (reference.SequenceEqual(other))
        {
            return new ActivationComparison(1, 0);
        }

        (double product, double own, double theirs, double difference) = (0, 0, 0, 0);
        for (int i = 0; i < reference.Length; i++)
        {
            double a = reference[i];
            double b = other[i];
            product += a * b;
            own += a * a;
            theirs += b * b;
            difference += (b - a) * (b - a);
        }

        return new ActivationComparison(
            own > 0 && theirs > 0 ? Math.Clamp(product / (Math.Sqrt(own) * Math.Sqrt(theirs)), -1, 1) : double.NaN,
            own > 0 ? Math.Sqrt(difference) / Math.Sqrt(own) : double.NaN);
    }
}
