using OnnxLens.Onnx;

namespace OnnxLens.Export.Quantization;

/// <summary>Quantises rows of a weight matrix, block by block, round to nearest. Makes no garbage; any number of threads may share one.</summary>
/// <param name="form">The form.</param>
/// <param name="scaleType">Element type that scales are stored in: Float, Float16 or BFloat16.</param>
internal sealed class RowQuantizer(Bundles.Quantization form, ElementType scaleType)
{
    /// <summary>Quantises one row. A last block that is not full is filled up with zero points.</summary>
    /// <param name="row">K weights.</param>
    /// <param name="data">Takes the numbers of every block.</param>
    /// <param name="scales">Takes a scale per block, rounded to the type they are stored in.</param>
    /// <param name="zeroPoints">Takes the packed zero points; not touched where the form is symmetric.</param>
    /// <returns>−1, or the first block with a weight that is not finite, or a scale that is not.</returns>
    public int Quantize(ReadOnlySpan<float> row, Span<byte> data, Span<float> scales, Span<byte> zeroPoints)
    {
        int size = form.BlockSize;
        int blockBytes = size * form.Bits / 8;
        Span<float> last = stackalloc float[QuantizationForms.MostBlockSize];
        for (int block = 0; block < scales.Length; block++)
        {
            scoped ReadOnlySpan<float> weights = row[(block * size)..];
            weights = weights.Length >= size ? weights[..size] : Filled(weights, last[..size]);
            if (!BlockRange.TryMeasure(weights, out BlockRange range))
            {
                return block;
            }

            BlockScale scale = form.Symmetric ? BlockScale.Symmetric(range, form.Bits, scaleType) : BlockScale.Asymmetric(range, form.Bits, scaleType);
            if (!float.IsFinite(scale.Scale))
            {
                return block;
            }

            scales[block] = scale.Scale;
            Span<byte> numbers = data.Slice(block * blockBytes, blockBytes);
            if (form.Bits == 4)
            {
                BlockNumbers.Write4(weights, scale, numbers);
            }
            else
            {
                BlockNumbers.Write8(weights, scale, numbers);
            }

            if (!form.Symmetric)
            {
                StoreZeroPoint(zeroPoints, block, scale.ZeroPoint);
            }
        }

        return -1;
    }

    /// <summary>Zeros change neither the weight of the largest magnitude nor a range that holds 0, and become zero points.</summary>
    private static ReadOnlySpan<float> Filled(scoped ReadOnlySpan<float> weights, Span<float> block)
    {
        weights.CopyTo(block);
        block[weights.Length..].Clear();
        return block;
    }

    private void StoreZeroPoint(Span<byte> zeroPoints, int block, byte zeroPoint)
    {
        if (form.Bits == 8)
        {
            zeroPoints[block] = zeroPoint;
        }
        else if ((block & 1) == 0)
        {
            zeroPoints[block / 2] = zeroPoint;
        }
        else
        {
            zeroPoints[block / 2] |= (byte)(zeroPoint << 4);
        }
    }
}
