using OnnxLens.Export.Quantization;

namespace OnnxLens.Export.Tests.Quantization;

/// <summary>Forms of quantised weights for tests.</summary>
internal static class Forms
{
    /// <summary>Every form of these blocks: 4 and 8 bits, symmetric and not.</summary>
    public static IEnumerable<object[]> All =>
        from bits in new[] { 4, 8 }
        from symmetric in new[] { true, false }
        from blockSize in new[] { 16, 32, 128, 256 }
        select new object[] { bits, blockSize, symmetric };

    /// <summary>A form.</summary>
    public static Bundles.Quantization Of(int bits, int blockSize, bool symmetric, int level = 1) =>
        QuantizationForms.Default(bits) with { BlockSize = blockSize, Symmetric = symmetric, AccuracyLevel = level };
}
