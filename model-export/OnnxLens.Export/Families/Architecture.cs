using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Export.Families;

/// <summary>
/// What the graphs of a model are built from: its sizes, and the differences that make its family.
/// All families share one block; a family is this record, not a copy of the block.
/// </summary>
public sealed record Architecture
{
    /// <summary>The sizes.</summary>
    public required ModelFacts Facts { get; init; }

    /// <summary>Epsilon of every RMS norm.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>Rotary embedding.</summary>
    public required RopeSpec Rope { get; init; }

    /// <summary>True where q and k get a norm per head (Qwen3).</summary>
    public bool QkNorm { get; init; }

    /// <summary>True where q, k and v projections have a bias (Qwen2; Llama with attention_bias).</summary>
    public bool QkvBias { get; init; }

    /// <summary>True where the attention's output projection has a bias (Llama and Qwen3 with attention_bias; not Qwen2).</summary>
    public bool AttentionOutBias { get; init; }

    /// <summary>True where the MLP's three projections have a bias.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Per layer, how many keys back a query sees, itself counted (key j is visible to query i when i − j &lt; window); null is all.</summary>
    public required ImmutableArray<int?> Windows { get; init; }
}
