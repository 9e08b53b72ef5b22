using OnnxLens.Runtime.Products;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>A test that needs a processor which multiplies by bf16 weights as they are stored.</summary>
public sealed class StoredProductsConditionAttribute() : ConditionBaseAttribute(ConditionMode.Include)
{
    /// <inheritdoc/>
    public override string GroupName => "bf16";

    /// <inheritdoc/>
    public override bool IsConditionMet => StoredProducts.IsSupported;
}
