using OnnxLens.Onnx;

namespace OnnxLens.Export.Families;

/// <summary>Cosine and sine of every rotary angle: row = position, column = frequency.</summary>
/// <remarks>
/// Angles and their cosines are computed in double and rounded once, when a row is stored; nothing but the D/2 frequencies is kept,
/// so a table of any length costs no memory. Columns are for the half-split (not interleaved) layout of Hugging Face weights.
/// </remarks>
public sealed class RopeTables
{
    private readonly double[] _frequencies;

    private RopeTables(double[] frequencies, int maxLength)
    {
        _frequencies = frequencies;
        Rows = maxLength;
    }

    /// <summary>Number of positions, from 0.</summary>
    public int Rows { get; }

    /// <summary>Number of frequencies: half the head width.</summary>
    public int Columns => _frequencies.Length;

    /// <summary>The tables of positions 0 to <paramref name="maxLength"/> − 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The head width is odd or not positive, or the length is not positive.</exception>
    public static RopeTables Build(RopeSpec rope, int headDim, int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxLength);
        return new RopeTables(InverseFrequencies(rope, headDim), maxLength);
    }

    /// <summary>The angle per position of each pair, radians: θ^(−2j/D), scaled as the spec says. Length D/2.</summary>
    /// <remarks>Llama 3 scaling after "Effective long-context scaling" as released with Llama 3.1; wavelength λ = 2π/f.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The head width is odd or not positive.</exception>
    public static double[] InverseFrequencies(RopeSpec rope, int headDim)
    {
        ArgumentNullException.ThrowIfNull(rope);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headDim);
        if (headDim % 2 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(headDim), headDim, "Rotary embedding needs an even head width.");
        }

        var frequencies = new double[headDim / 2];
        for (int pair = 0; pair < frequencies.Length; pair++)
        {
            frequencies[pair] = Scale(rope.Scaling, Math.Pow(rope.Theta, -2.0 * pair / headDim));
        }

        return frequencies;
    }

    /// <summary>The cosines of one position, rounded to single.</summary>
    /// <param name="position">The position, from 0.</param>
    /// <param name="row">Takes the values; length <see cref="Columns"/>.</param>
    public void CosRow(int position, Span<float> row)
    {
        Check(position, row);
        for (int pair = 0; pair < row.Length; pair++)
        {
            row[pair] = (float)Math.Cos(position * _frequencies[pair]);
        }
    }

    /// <summary>The sines of one position, rounded to single.</summary>
    /// <param name="position">The position, from 0.</param>
    /// <param name="row">Takes the values; length <see cref="Columns"/>.</param>
    public void SinRow(int position, Span<float> row)
    {
        Check(position, row);
        for (int pair = 0; pair < row.Length; pair++)
        {
            row[pair] = (float)Math.Sin(position * _frequencies[pair]);
        }
    }

    /// <summary>Writes the whole cosine table [Rows, Columns], row-major, little-endian.</summary>
    /// <param name="stream">Where to; not closed.</param>
    /// <param name="type">Float, Float16 or BFloat16.</param>
    public void WriteCos(Stream stream, ElementType type) => WriteTable(stream, type, CosRow);

    /// <summary>Writes the whole sine table [Rows, Columns], row-major, little-endian.</summary>
    /// <param name="stream">Where to; not closed.</param>
    /// <param name="type">Float, Float16 or BFloat16.</param>
    public void WriteSin(Stream stream, ElementType type) => WriteTable(stream, type, SinRow);

    private static double Scale(RopeScaling scaling, double frequency) => scaling switch
    {
        RopeScaling.None => frequency,
        RopeScaling.Linear linear => frequency / linear.Factor,
        RopeScaling.Llama3 llama3 => ScaleLlama3(llama3, frequency),
        _ => throw new ArgumentException($"Rotary scaling '{scaling.GetType().Name}' has no formula.", nameof(scaling)),
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

        double kept = ((scaling.OriginalLength / wavelength) - scaling.LowFrequencyFactor)
            / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return ((1 - kept) * frequency / scaling.Factor) + (kept * frequency);
    }

    private void Check(int position, ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, Rows);
        if (row.Length != Columns)
        {
            throw new ArgumentException($"A row has {Columns} values; the span has {row.Length}.", nameof(row));
        }
    }

    private void WriteTable(Stream stream, ElementType type, Action<int, Span<float>> fill)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var row = new float[Columns];
        var bytes = new byte[Columns * type.ByteSize()];
        for (int position = 0; position < Rows; position++)
        {
            fill(position, row);
            FloatBytes.Store(row, type, bytes);
            stream.Write(bytes);
        }
    }
}
