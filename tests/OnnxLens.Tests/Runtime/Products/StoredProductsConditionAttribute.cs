using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>A test that needs a processor which multiplies by weights as they are stored.</summary>
public sealed class StoredProductsConditionAttribute() : ConditionBaseAttribute(ConditionMode.Include)
{
    /// <inheritdoc/>
    public override string GroupName => "stored products";

    /// <inheritdoc/>
    public override bool IsConditionMet => KernelDomain.IsSupported;
}
