using System.Runtime.Intrinsics;

namespace OnnxLens.Runtime.Products;

/// <summary>Weights of 16 bits, of which two that lie behind each other can be moved as one number of 32.</summary>
internal interface IHalfWeight : IWeight<ushort>
{
    /// <summary>Widens the earlier of each pair: its lower half.</summary>
    public static abstract Vector256<float> First(Vector256<uint> pairs);

    /// <summary>Widens the later of each pair: its upper half.</summary>
    public static abstract Vector256<float> Second(Vector256<uint> pairs);
}
