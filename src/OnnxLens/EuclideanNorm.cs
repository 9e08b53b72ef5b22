namespace OnnxLens;

/// <summary>Lengths of vectors in single precision, summed in double, where no square of theirs overflows.</summary>
public static class EuclideanNorm
{
    /// <summary>√Σ vᵢ², in the unit of the values.</summary>
    public static double Of(ReadOnlySpan<float> values)
    {
        double squares = 0;
        foreach (float value in values)
        {
            squares += (double)value * value;
        }

        return Math.Sqrt(squares);
    }
}
