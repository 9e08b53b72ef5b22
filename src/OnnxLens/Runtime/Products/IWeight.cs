using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>How weights of a type become single precision in registers, exactly.</summary>
/// <typeparam name="TBits">As wide as a weight.</typeparam>
internal unsafe interface IWeight<TBits>
    where TBits : unmanaged
{
    /// <summary>Widens eight that lie behind each other.</summary>
    /// <param name="weights">The first; aligned to nothing.</param>
    public static abstract Vector256<float> Load(TBits* weights);
}
