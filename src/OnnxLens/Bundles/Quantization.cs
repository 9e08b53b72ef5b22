using System.Globalization;

namespace OnnxLens.Bundles;

/// <summary>A form in which weights are stored with few bits: whole numbers with one scale for each block of inputs of a row.</summary>
/// <remarks>
/// The form of com.microsoft <c>MatMulNBits</c>: a weight is scale · (number − zero point), number in 0 … 2^<see cref="Bits"/> − 1.
/// Arithmetic and activations are those of <see cref="BundleManifest.Precision"/>.
/// </remarks>
public sealed record Quantization
{
    /// <summary>The <see cref="AccuracyLevel"/> of products in int8, for which activations are rounded.</summary>
    public const int RoundingLevel = 4;

    /// <summary>Bits of one weight.</summary>
    public required int Bits { get; init; }

    /// <summary>Weights that share a scale: consecutive inputs of one output; 0 where all of an output, or of a matrix, share one.</summary>
    public required int BlockSize { get; init; }

    /// <summary>True where the zero point is 2^(bits − 1) throughout; false where each block has one of its own.</summary>
    public required bool Symmetric { get; init; }

    /// <summary>
    /// The arithmetic that matrix products may fall back to, as <c>MatMulNBits</c> counts it: 0 not said, 1 fp32, 2 fp16, 3 bf16,
    /// 4 int8, where each row of activations may be rounded to int8, block by block.
    /// </summary>
    public required int AccuracyLevel { get; init; }

    /// <summary>The form in words, e.g. <c>int4, blocks of 32, symmetric, accuracy level 4</c>.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"int{Bits}, {(BlockSize == 0 ? "no blocks" : string.Create(CultureInfo.InvariantCulture, $"blocks of {BlockSize}"))}, {(Symmetric ? "symmetric" : "asymmetric")}, accuracy level {AccuracyLevel}");
}
