using OnnxLens.Runtime.Bf16;

namespace OnnxLens.Tests.Runtime.Bf16;

/// <summary>A test that needs a processor which multiplies by bf16 weights as they are stored.</summary>
public sealed class Bf16ConditionAttribute() : ConditionBaseAttribute(ConditionMode.Include)
{
    /// <inheritdoc/>
    public override string GroupName => "bf16";

    /// <inheritdoc/>
    public override bool IsConditionMet => Bf16Graph.IsSupported;
}
