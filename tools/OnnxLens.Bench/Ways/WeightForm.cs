namespace OnnxLens.Bench.Ways;

/// <summary>The form in which a way's weights lie in memory.</summary>
internal enum WeightForm
{
    /// <summary>The checkpoint's, in their mapped file.</summary>
    Mapped,

    /// <summary>The checkpoint's rounded to bf16, in their mapped file.</summary>
    Bf16,
}
