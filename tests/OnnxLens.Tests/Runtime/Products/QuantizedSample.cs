using OnnxLens.Runtime.Products;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Made-up quantised weights [N,K]: any numbers, scales of either sign, any zero points, also in what pads the last block.</summary>
internal sealed class QuantizedSample
{
    public QuantizedSample(QuantizedForm form, int outputs, int columns)
    {
        var random = new Random(outputs + columns + form.BlockSize);
        (Outputs, Columns) = (outputs, columns);
        Numbers = new byte[outputs * form.RowBytes(columns)];
        random.NextBytes(Numbers);
        Scales = [.. Enumerable.Range(0, outputs * form.Blocks(columns)).Select(_ => (float)(random.NextDouble() - 0.5) / 100)];
        ZeroPoints = form.HasZeroPoints ? new byte[outputs * form.ZeroPointBytes(columns)] : [];
        random.NextBytes(ZeroPoints);
        Weights = [.. ReferenceDequantizer.Weights(Numbers, Scales, ZeroPoints, columns, form.Bits, form.BlockSize).Select(weight => (float)weight)];
    }

    public int Outputs { get; }

    public int Columns { get; }

    public byte[] Numbers { get; }

    public float[] Scales { get; }

    public byte[] ZeroPoints { get; }

    /// <summary>fp32 [N,K], read back.</summary>
    public float[] Weights { get; }
}
