using System.Collections.Immutable;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Families;

/// <summary>The arithmetic that an export will use: one type for every shard and the LM head.</summary>
/// <param name="Type">Element type of hidden states, cache and captures: Float, Float16 or BFloat16.</param>
/// <param name="Notes">What the user should know about the choice, one sentence each. Empty where there is nothing to say.</param>
public sealed record PrecisionChoice(ElementType Type, ImmutableArray<string> Notes)
{
    /// <summary>The type's name in bundles: <c>fp32</c>, <c>fp16</c>, <c>bf16</c>.</summary>
    public string Name => Precisions.Name(Type);
}
