using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Runtime.Attention;
using OnnxLens.Tests.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Attention;

/// <summary>Processors with vectors of eight compute the bits of those with vectors of 16.</summary>
[TestClass]
[StoredProductsCondition]
public sealed unsafe class AttentionWidthTests
{
    [TestMethod]
    [DataRow(64, 4)]
    [DataRow(72, 3)]
    [DataRow(21, 1)]
    public void Kernels_BothWidths_AreTheSame(int width, int rows)
    {
        RequireBoth();
        const int Positions = KeyTile.Positions;
        float[] queries = Singles(4 * width);
        float[] keys = Singles(Positions * width);
        float[] tile = new float[Positions * width];
        float[][] scores = [new float[4 * Positions], new float[4 * Positions]];
        float[][] mixed = [Singles(4 * width), Singles(4 * width)];
        fixed (float* q = queries, k = keys, t = tile, s = scores[0], m = mixed[0], s8 = scores[1], m8 = mixed[1])
        {
            KeyTile.Turn(k, Positions, width, t, k);
            QueryKernels<Lanes16, Vector512<float>>.Score(new QueryRows(q, width, rows), t, width, 0.3f, new QueryRows(s, Positions, rows));
            QueryKernels<Lanes8, Vector256<float>>.Score(new QueryRows(q, width, rows), t, width, 0.3f, new QueryRows(s8, Positions, rows));
            QueryKernels<Lanes16, Vector512<float>>.Mix(new QueryRows(s, Positions, rows), k, Positions, width, new QueryRows(m, width, rows));
            QueryKernels<Lanes8, Vector256<float>>.Mix(new QueryRows(s8, Positions, rows), k, Positions, width, new QueryRows(m8, width, rows));
            QueryKernels<Lanes16, Vector512<float>>.Add(k, s, 45);
            QueryKernels<Lanes8, Vector256<float>>.Add(k, s8, 45);
            QueryKernels<Lanes16, Vector512<float>>.Fold(m, 0.4f, q, 1.7f, width);
            QueryKernels<Lanes8, Vector256<float>>.Fold(m8, 0.4f, q, 1.7f, width);
            QueryKernels<Lanes16, Vector512<float>>.Divide(m, 0.7f, m, width);
            QueryKernels<Lanes8, Vector256<float>>.Divide(m8, 0.7f, m8, width);
        }

        AssertSameBits(scores[0], scores[1], "scores");
        AssertSameBits(mixed[0], mixed[1], "values");
    }

    [TestMethod]
    public void Exponentiate_BothWidths_AreTheSameAndNearTheExactPower()
    {
        RequireBoth();
        float[] scores = [0, -0f, float.NegativeInfinity, float.NaN, -87, -87.1f, -1e-30f, -3e38f, .. Enumerable.Range(0, 4088).Select(i => -i / 46f)];
        float[] wide = [.. scores];
        float[] narrow = [.. scores];
        fixed (float* w = wide, n = narrow)
        {
            AssertSameBits([Lanes16.Exponentiate(w, 4096, 0)], [Lanes8.Exponentiate(n, 4096, 0)], "sums");
            Assert.AreEqual(0, Lanes16.Most(w + 16, 16) - Lanes8.Most(n + 16, 16));
        }

        AssertSameBits(wide, narrow, "powers");
        Assert.AreSequenceEqual([1f, 1f, 0f, float.NaN], wide[..4]);
        Assert.AreSequenceEqual([0f, 1f, 0f], wide[5..8]);
        for (int i = 8; i < scores.Length; i++)
        {
            double exact = scores[i] < -87 ? 0 : Math.Exp(scores[i]);
            Assert.AreEqual(exact, wide[i], exact * 1.2e-7, $"{scores[i]}");
        }
    }

    private static void RequireBoth()
    {
        if (!Avx512F.IsSupported)
        {
            Assert.Inconclusive("This processor has no vectors of 16.");
        }
    }
}
