using Microsoft.ML.OnnxRuntime;
using OnnxLens.Tests.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Attention;

/// <summary>Attention over a cache: what ONNX Runtime computes, in the order that is told, and the same bits however the work is cut.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class CachedAttentionTests
{
    private const float Tolerance = 2e-5f;
    private const int Length = 600;

    /// <summary>Widths that vectors divide and that they do not, heads that share keys and that do not, and all that an attention may have.</summary>
    private static readonly AttentionSample[] All =
    [
        new(4, 1, 64),
        new(4, 4, 16),
        new(6, 2, 48, Rotated: 16),
        new(4, 2, 8),
        new(7, 1, 24),
        new(8, 2, 32, Rotated: 16, Window: 70),
        new(2, 2, 40, Window: 5),
        new(4, 2, 16, Rotated: 8, Packed: true),
        new(4, 2, 16, Softcap: 3),
        new(3, 3, 16, Biased: true),
        new(4, 2, 80, Rotated: 40, Window: 300, Softcap: 5, Packed: true),
    ];

    /// <summary>Everything.</summary>
    public static IEnumerable<object[]> Samples => All.Select(sample => new object[] { sample });

    /// <summary>What the reference sums, and widths that ONNX Runtime refuses.</summary>
    public static IEnumerable<object[]> Summed =>
        All.Where(sample => sample.Softcap == 0).Append(new AttentionSample(3, 1, 13)).Append(new AttentionSample(2, 1, 30, Rotated: 11, Window: 65)).Select(sample => new object[] { sample });

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Next_PromptAndSteps_IsWhatOnnxRuntimeComputes(object given)
    {
        var sample = (AttentionSample)given;
        using var ours = new AttentionRun(sample);
        using var theirs = new AttentionRun(sample, ours: false);
        foreach (int count in (int[])[1, 1, 3, 300, 1, 70, 1])
        {
            AssertClose(theirs.Next(count)[0], ours.Next(count)[0], $"{sample}, {count}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Summed))]
    public void Next_InAnyPieces_IsTheOrderThatIsTold(object given)
    {
        var sample = (AttentionSample)given;
        float[] expected = [.. ReferenceAttention.Of(sample, 0, Length).SelectMany(row => row)];
        foreach (int[] pieces in (int[][])[[Length], [5, 1, 1, 300, 64, 1, 228], [254, 1, 1, 1, 343]])
        {
            using var run = new AttentionRun(sample);
            AssertSameBits(expected, [.. pieces.SelectMany(count => run.Next(count)[0])], $"{sample}, {string.Join('+', pieces)}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Next_AnyThreads_IsTheSame(object given)
    {
        var sample = (AttentionSample)given;
        int[] pieces = [Length - 2, 1, 1];
        using var one = new AttentionRun(sample);
        float[][] expected = [.. pieces.Select(count => one.Next(count)[0])];
        foreach (int threads in (int[])[2, 3, 9])
        {
            using var many = new AttentionRun(sample, threads: threads);
            for (int i = 0; i < pieces.Length; i++)
            {
                AssertSameBits(expected[i], many.Next(pieces[i])[0], $"{sample}, {threads} threads, piece {i}");
            }
        }
    }

    /// <summary>Shorter rows are filled up with what is not a number, and the cache has nothing else: none of it is to come through.</summary>
    [TestMethod]
    [DynamicData(nameof(Samples))]
    public void Next_InABatch_IsTheSameAsAlone(object given)
    {
        var sample = (AttentionSample)given;
        if (sample.Biased)
        {
            return; // A bias is for rows at the same positions.
        }

        int[] lengths = [40, 301, 1];
        using var batch = new AttentionRun(sample, lengths.Length, threads: 2);
        float[][] prompts = batch.Next(lengths);
        float[][] steps = batch.Next(1, 1, 1);
        for (int row = 0; row < lengths.Length; row++)
        {
            float[] expected = [.. Alone(sample, row, lengths[row] + 1)];
            AssertSameBits(expected, [.. prompts[row], .. steps[row]], $"{sample}, row {row}");
        }
    }

    [TestMethod]
    public void Next_CacheThatGrows_IsTheSameAsOneThatDoesNot()
    {
        var sample = new AttentionSample(4, 2, 32, Rotated: 16);
        using var fixedLength = new AttentionRun(sample, batch: 2);
        using var growing = new AttentionRun(sample, batch: 2, grows: true);
        foreach (int count in (int[])[7, 1, 290, 1])
        {
            float[][] expected = fixedLength.Next(count, count);
            float[][] actual = growing.Next(count, count);
            AssertSameBits(expected[0], actual[0], $"{count}");
            AssertSameBits(expected[1], actual[1], $"{count}");
        }
    }

    /// <summary>A position that the bias hides is not met, whatever lies there.</summary>
    [TestMethod]
    public void Next_BrokenPositionThatIsHidden_ChangesNothing()
    {
        var sample = new AttentionSample(3, 1, 16, Biased: true);
        using var sound = new AttentionRun(sample);
        using var broken = new AttentionRun(sample with { Broken = 2 });
        float[] expected = sound.Next(6)[0];
        float[] actual = broken.Next(6)[0];
        int row = 3 * sample.Width;
        AssertSameBits(expected.AsSpan(0, 2 * row), actual.AsSpan(0, 2 * row), "before it");
        Assert.IsTrue(float.IsNaN(actual[2 * row]));

        // Of position 3 the first head does not see the one before it, nor does of position 4 the second head the one before that.
        AssertSameBits(expected.AsSpan(3 * row, sample.Width), actual.AsSpan(3 * row, sample.Width), "head 0");
        AssertSameBits(expected.AsSpan((4 * row) + sample.Width, sample.Width), actual.AsSpan((4 * row) + sample.Width, sample.Width), "head 1");
        Assert.IsTrue(float.IsNaN(actual[(3 * row) + sample.Width]));
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(-2)]
    public void Next_LengthsThatDoNotFit_AreRefused(int shift)
    {
        using var run = new AttentionRun(new AttentionSample(2, 1, 16)) { Shift = shift };
        OnnxRuntimeException refusal = Assert.ThrowsExactly<OnnxRuntimeException>(() => run.Next(1));
        Assert.Contains($"is to have {1 + shift} of 1 afterwards", refusal.Message);
    }

    /// <summary>Alone, in pieces that have nothing to do with a batch.</summary>
    private static List<float> Alone(AttentionSample sample, int row, int length)
    {
        using var run = new AttentionRun(sample, firstRow: row);
        List<float> mixed = [];
        for (int at = 0; at < length; at += 37)
        {
            mixed.AddRange(run.Next(Math.Min(37, length - at))[0]);
        }

        return mixed;
    }

    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], Tolerance, $"{what}: {i}");
        }
    }
}
