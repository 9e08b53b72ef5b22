using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Cli.Rendering;

/// <summary>A bundle's precision in words.</summary>
internal static class PrecisionText
{
    /// <summary>The arithmetic, and the forms of quantised weights: <c>fp32</c>, or <c>fp32 over int4, blocks of 32, symmetric, accuracy level 4</c>.</summary>
    public static string Of(BundleManifest manifest) => Of(manifest.Precision, manifest.Quantization);

    /// <inheritdoc cref="Of(BundleManifest)"/>
    public static string Of(string precision, ImmutableArray<Quantization> forms) => forms.IsEmpty
        ? precision
        : $"{precision} over {string.Join("; ", forms.Select(form => form.Describe()))}";
}
