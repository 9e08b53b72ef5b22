using System.Runtime.Intrinsics;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Every number of fp16, widened in registers.</summary>
[TestClass]
[StoredProductsCondition]
public sealed unsafe class Fp16WeightTests
{
    private static readonly ushort[] All = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];

    [TestMethod]
    public void Load_EveryNumber_IsTheSameNumber()
    {
        fixed (ushort* bits = All)
        {
            for (int first = 0; first < All.Length; first += 8)
            {
                AssertAre(first, AnyFp16Weight.Load(bits + first));
                if (Fp16Weight.AreFinite(All.AsSpan(first, 8)))
                {
                    AssertAre(first, Fp16Weight.Load(bits + first));
                }
            }
        }
    }

    /// <summary>Wherever one lies among others, in whole vectors and after them.</summary>
    [TestMethod]
    [DataRow((ushort)0x7C00)]
    [DataRow((ushort)0xFC00)]
    [DataRow((ushort)0x7E00)]
    public void AreFinite_OneThatIsNot_IsFound(ushort bits)
    {
        ushort[] weights = new ushort[37];
        Array.Fill(weights, (ushort)0xFBFF);
        Assert.IsTrue(Fp16Weight.AreFinite(weights));
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = bits;
            Assert.IsFalse(Fp16Weight.AreFinite(weights), $"{i}");
            weights[i] = 0x7BFF;
        }
    }

    private static void AssertAre(int first, Vector256<float> widened)
    {
        for (int i = 0; i < 8; i++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf(All[first + i]);
            Assert.IsTrue(float.IsNaN(expected) ? float.IsNaN(widened[i]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(widened[i]), $"{All[first + i]:x}");
        }
    }
}
