namespace OnnxLens.Bench.Ways;

/// <summary>The form in which a way's weights lie in memory.</summary>
internal enum WeightForm
{
    /// <summary>The checkpoint's, in their mapped file.</summary>
    Mapped,

    /// <summary>The checkpoint's, with a second copy of them in the kernels' own order, made when they are loaded.</summary>
    Repacked,

    /// <summary>The checkpoint's rounded to bf16, in their mapped file.</summary>
    Bf16,
}
