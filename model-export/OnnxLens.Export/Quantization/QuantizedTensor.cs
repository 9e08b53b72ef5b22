using OnnxLens.Export.Checkpoints;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Quantization;

/// <summary>A weight matrix [N,K] of a checkpoint, and where its quantised form lies. N outputs, K inputs, in ⌈K / block size⌉ blocks a row.</summary>
/// <param name="Source">The matrix in the checkpoint.</param>
/// <param name="Form">How it is quantised.</param>
/// <param name="Data">uint8 [N, blocks, block size · bits / 8]; of two numbers in a byte the first is the low half. The last block is padded with zero points.</param>
/// <param name="Scales">Scales [N, blocks] in the graphs' element type.</param>
/// <param name="ZeroPoints">uint8 [N, ⌈blocks · bits / 8⌉], packed as the data are; null where the form is symmetric.</param>
public sealed record QuantizedTensor(
    CheckpointTensor Source, Bundles.Quantization Form, ExternalData Data, ExternalData Scales, ExternalData? ZeroPoints)
{
    /// <summary>Outputs, N.</summary>
    public long Rows => Source.Shape[0];

    /// <summary>Inputs, K.</summary>
    public long Columns => Source.Shape[1];

    /// <summary>Blocks of a row.</summary>
    public long Blocks => BlocksOf(Source, Form);

    /// <summary>Bytes of one block's numbers.</summary>
    public int BlockBytes => Form.BlockSize * Form.Bits / 8;

    /// <summary>Bytes of one row's numbers.</summary>
    public long RowBytes => Blocks * BlockBytes;

    /// <summary>Bytes of one row's zero points, where it has any.</summary>
    public long ZeroPointRowBytes => ZeroPointRowBytesOf(Source, Form);

    /// <summary>Bytes of numbers, scales and zero points, without what aligns them.</summary>
    public long Bytes => Data.Length + Scales.Length + (ZeroPoints?.Length ?? 0);

    internal static long BlocksOf(CheckpointTensor source, Bundles.Quantization form) => (source.Shape[1] + form.BlockSize - 1) / form.BlockSize;

    internal static long ZeroPointRowBytesOf(CheckpointTensor source, Bundles.Quantization form) => ((BlocksOf(source, form) * form.Bits) + 7) / 8;
}
