using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Quantization;

/// <summary>A matrix quantised in memory by the product's quantiser.</summary>
internal sealed class QuantizedMatrix
{
    public QuantizedMatrix(float[] weights, int columns, Bundles.Quantization form, ElementType scaleType = ElementType.Float)
    {
        Form = form;
        Columns = columns;
        Rows = weights.Length / columns;
        Blocks = (columns + form.BlockSize - 1) / form.BlockSize;
        int rowBytes = Blocks * form.BlockSize * form.Bits / 8;
        int zeroBytes = form.Symmetric ? 0 : ((Blocks * form.Bits) + 7) / 8;
        Data = new byte[Rows * rowBytes];
        Scales = new float[Rows * Blocks];
        ZeroPoints = new byte[Rows * zeroBytes];
        var quantizer = new RowQuantizer(form, scaleType);
        for (int row = 0; row < Rows; row++)
        {
            int refused = quantizer.Quantize(
                weights.AsSpan(row * columns, columns), Data.AsSpan(row * rowBytes, rowBytes), Scales.AsSpan(row * Blocks, Blocks), ZeroPoints.AsSpan(row * zeroBytes, zeroBytes));
            Assert.AreEqual(-1, refused, $"row {row} was refused");
        }
    }

    public Bundles.Quantization Form { get; }

    public int Rows { get; }

    public int Columns { get; }

    public int Blocks { get; }

    public byte[] Data { get; }

    public float[] Scales { get; }

    public byte[] ZeroPoints { get; }

    /// <summary>The weights as they are read back.</summary>
    public double[] Weights() => ReferenceDequantizer.Weights(Data, Scales, ZeroPoints, Columns, Form.Bits, Form.BlockSize);

    /// <summary>The zero point of a block.</summary>
    public int ZeroPoint(int row, int block)
    {
        if (Form.Symmetric)
        {
            return 1 << (Form.Bits - 1);
        }

        int rowBytes = ZeroPoints.Length / Rows;
        return Form.Bits == 8 ? ZeroPoints[(row * rowBytes) + block] : (ZeroPoints[(row * rowBytes) + (block / 2)] >> (4 * (block & 1))) & 15;
    }
}
