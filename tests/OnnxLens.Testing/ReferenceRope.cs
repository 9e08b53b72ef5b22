using OnnxLens.Export.Families;

namespace OnnxLens.Testing;

/// <summary>Rotary position embedding in double, half-split order: element j of a head pairs with element j + D/2.</summary>
/// <remarks>Su et al. 2021, "RoFormer"; the scaling of Llama 3 as in Meta's llama-models, <c>apply_scaling</c>.</remarks>
public static class ReferenceRope
{
    /// <summary>The inverse frequencies of a head, D/2 of them, radians per position.</summary>
    public static double[] InverseFrequencies(RopeSpec rope, int headDim)
    {
        ArgumentNullException.ThrowIfNull(rope);
        double[] frequencies = new double[headDim / 2];
        for (int j = 0; j < frequencies.Length; j++)
        {
            frequencies[j] = Scale(rope.Scaling, Math.Pow(rope.Theta, -2.0 * j / headDim));
        }

        return frequencies;
    }

    /// <summary>Turns every head of a row in place by the angles of a position.</summary>
    /// <param name="row">Heads × D values, head after head.</param>
    /// <param name="inverseFrequencies">D/2 values.</param>
    /// <param name="position">The position, from 0.</param>
    public static void Rotate(double[] row, double[] inverseFrequencies, int position)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(inverseFrequencies);
        int half = inverseFrequencies.Length;
        for (int head = 0; head < row.Length; head += 2 * half)
        {
            for (int j = 0; j < half; j++)
            {
                (double sin, double cos) = Math.SinCos(position * inverseFrequencies[j]);
                double first = row[head + j];
                double second = row[head + j + half];
                row[head + j] = (first * cos) - (second * sin);
                row[head + j + half] = (second * cos) + (first * sin);
            }
        }
    }

    private static double Scale(RopeScaling scaling, double frequency) => scaling switch
    {
        RopeScaling.None => frequency,
        RopeScaling.Linear linear => frequency / linear.Factor,
        RopeScaling.Llama3 llama3 => ScaleLlama3(llama3, frequency),
        _ => throw new ArgumentException($"The reference decoder does not know rope scaling {scaling.GetType().Name}.", nameof(scaling)),
    };

    private static double ScaleLlama3(RopeScaling.Llama3 scaling, double frequency)
    {
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength < scaling.OriginalLength / scaling.HighFrequencyFactor)
        {
            return frequency;
        }

        if (wavelength > scaling.OriginalLength / scaling.LowFrequencyFactor)
        {
            return frequency / scaling.Factor;
        }

        double smooth = ((scaling.OriginalLength / wavelength) - scaling.LowFrequencyFactor)
            / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return ((1 - smooth) * frequency / scaling.Factor) + (smooth * frequency);
    }
}
