using OnnxLens.Lens;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Lens;

[TestClass]
public sealed class LogitComparerTests
{
    private static readonly double Ln2 = Math.Log(2);

    [TestMethod]
    public void Compare_SmallDistributions_IsWhatIsWorkedByHand()
    {
        // p = 1/2, 1/4, 1/4 and q = 1/4, 1/2, 1/4: KL = 1/2 ln 2 - 1/4 ln 2, both entropies 3/2 ln 2.
        float[] p = [MathF.Log(0.5f), MathF.Log(0.25f), MathF.Log(0.25f)];
        float[] q = [p[1], p[0], p[2]];
        LogitComparison comparison = new LogitComparer(3, 2).Compare(p, q, next: 1);

        Assert.AreEqual(0.25 * Ln2, comparison.Kl, 1e-7);
        Assert.AreEqual(1.5 * Ln2, comparison.ReferenceEntropy, 1e-7);
        Assert.AreEqual(0, comparison.EntropyShift, 1e-15);
        Assert.AreEqual((0, 1), (comparison.ReferenceTop, comparison.OtherTop));
        Assert.IsFalse(comparison.SameTop);
        Assert.AreEqual(1, comparison.TopOverlap, "0 and 1 are the top two of both");
        Assert.AreEqual(-2 * Ln2, comparison.ReferenceNext, 1e-7);
        Assert.AreEqual(-Ln2, comparison.OtherNext, 1e-7);
    }

    [TestMethod]
    public void Compare_AgainstTheUniform_IsLogOfTheSizeLessTheEntropy()
    {
        float[] p = [4, 1, -2, 0.5f];
        LogitComparison comparison = new LogitComparer(4, 1).Compare(p, new float[4]);
        Assert.AreEqual(Math.Log(4) - comparison.ReferenceEntropy, comparison.Kl, 1e-14);
        Assert.AreEqual(Math.Log(4), comparison.OtherEntropy, 1e-15);
        Assert.IsTrue(double.IsNaN(comparison.ReferenceNext) && double.IsNaN(comparison.OtherNext), "nothing follows");
    }

    [TestMethod]
    [DataRow(2, 1)]
    [DataRow(37, 5)]
    [DataRow(1003, 20)]
    public void Compare_RandomRows_IsTheReferenceReadout(int vocabulary, int topK)
    {
        var random = new Random(vocabulary);
        var comparer = new LogitComparer(vocabulary, topK);
        for (int i = 0; i < 20; i++)
        {
            float[] a = Row(random, vocabulary);
            float[] b = Row(random, vocabulary);
            int next = random.Next(vocabulary);
            LogitComparison comparison = comparer.Compare(a, b, next);
            var p = new ReferenceReadout([.. a.Select(value => (double)value)]);
            var q = new ReferenceReadout([.. b.Select(value => (double)value)]);
            Assert.AreEqual(p.KlTo(q), comparison.Kl, 1e-12);
            Assert.AreEqual(p.Entropy, comparison.ReferenceEntropy, 1e-12);
            Assert.AreEqual(q.Entropy - p.Entropy, comparison.EntropyShift, 1e-12);
            Assert.AreEqual((p.TopIds(1)[0], q.TopIds(1)[0]), (comparison.ReferenceTop, comparison.OtherTop));
            Assert.AreEqual(p.TopIds(topK).Intersect(q.TopIds(topK)).Count() / (double)topK, comparison.TopOverlap);
            Assert.AreEqual(p.LogProbs[next], comparison.ReferenceNext, 1e-12);
            Assert.AreEqual(q.LogProbs[next], comparison.OtherNext, 1e-12);
        }
    }

    [TestMethod]
    public void Compare_EqualRows_IsExactlyZero()
    {
        var random = new Random(3);
        var comparer = new LogitComparer(517, 5);
        for (int i = 0; i < 50; i++)
        {
            float[] row = Row(random, 517);
            LogitComparison comparison = comparer.Compare(row, [.. row], next: 5);
            Assert.AreEqual((0.0, 0.0, 1.0, true), (comparison.Kl, comparison.EntropyShift, comparison.TopOverlap, comparison.SameTop));
            Assert.AreEqual(comparison.ReferenceNext, comparison.OtherNext);
        }
    }

    [TestMethod]
    public void Compare_RowsSwapped_TurnsTheShiftRound()
    {
        var random = new Random(4);
        var comparer = new LogitComparer(101, 7);
        float[] a = Row(random, 101);
        float[] b = Row(random, 101);
        LogitComparison forward = comparer.Compare(a, b, 9);
        LogitComparison backward = comparer.Compare(b, a, 9);
        Assert.AreEqual(-forward.EntropyShift, backward.EntropyShift, 1e-14);
        Assert.AreEqual(forward.TopOverlap, backward.TopOverlap);
        Assert.AreEqual((forward.ReferenceTop, forward.OtherTop), (backward.OtherTop, backward.ReferenceTop));
        Assert.AreEqual(forward.ReferenceNext, backward.OtherNext, 1e-14);
        Assert.AreNotEqual(forward.Kl, backward.Kl, "the divergence has a direction");
    }

    [TestMethod]
    public void Compare_AlmostEqualRows_KeepsADivergenceThatSinglePrecisionLoses()
    {
        var random = new Random(5);
        float[] a = Row(random, 2000);
        float[] b = [.. a.Select(value => value + (1e-5f * (random.NextSingle() - 0.5f)))];
        double kl = new LogitComparer(2000, 5).Compare(a, b).Kl;

        // To second order it is half the variance of the difference of the logits.
        var p = new ReferenceReadout([.. a.Select(value => (double)value)]);
        double[] differences = [.. a.Zip(b, (x, y) => (double)y - x)];
        double mean = differences.Zip(p.LogProbs, (difference, log) => Math.Exp(log) * difference).Sum();
        double expected = differences.Zip(p.LogProbs, (difference, log) => Math.Exp(log) * (difference - mean) * (difference - mean)).Sum() / 2;
        Assert.IsInRange(1e-13, 1e-10, expected);
        Assert.AreEqual(1, kl / expected, 0.01);
    }

    [TestMethod]
    public void Compare_ALogitAddedToAll_ChangesNothingButRounding()
    {
        float[] a = [1, 2, 3, 4];
        LogitComparison comparison = new LogitComparer(4, 2).Compare(a, [.. a.Select(value => value + 8)]);
        Assert.AreEqual(0, comparison.Kl, 1e-15);
        Assert.AreEqual(0, comparison.EntropyShift, 1e-15);
    }

    [TestMethod]
    public void Compare_Ties_GoToTheLowerId()
    {
        LogitComparison comparison = new LogitComparer(4, 2).Compare([1, 5, 5, 5], [5, 5, 1, 5]);
        Assert.AreEqual((1, 0), (comparison.ReferenceTop, comparison.OtherTop));
        Assert.AreEqual(0.5, comparison.TopOverlap, "1, 2 against 0, 1");
    }

    [TestMethod]
    public void Create_KOutOfRange_IsRefused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogitComparer(4, 5));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogitComparer(4, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new LogitComparer(5000, LogitComparer.MostTop + 1));
        Assert.ThrowsExactly<ArgumentException>(() => new LogitComparer(4, 1).Compare(new float[4], new float[3]));
    }

    private static float[] Row(Random random, int vocabulary) => [.. Enumerable.Range(0, vocabulary).Select(_ => 12 * (random.NextSingle() - 0.5f))];
}
