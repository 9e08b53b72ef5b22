using System.Collections.Immutable;
using OnnxLens.Eval.Statistics;

namespace OnnxLens.Eval.Tests.Statistics;

[TestClass]
public sealed class BootstrapTests
{
    private static readonly double[] Values = [0.3, 1.2, -0.4, 0.9, 2.2, 0.1, 0.8, -1.1];

    [TestMethod]
    public void Next_KnownSeed_GivesThePublishedSequence()
    {
        var random = new SeededRandom(1234567);
        ulong[] published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        foreach (ulong expected in published)
        {
            Assert.AreEqual(expected, random.NextBits());
        }
    }

    [TestMethod]
    public void Below_ManyDraws_GivesEachNumberAsOften()
    {
        var random = new SeededRandom(3);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++)
        {
            counts[random.Below(7)]++;
        }

        Assert.IsLessThan(400, counts.Max(count => Math.Abs(count - 10_000)));
    }

    [TestMethod]
    public void OfMeans_Cancelled_Stops() =>
        Assert.ThrowsExactly<OperationCanceledException>(() => Bootstrap.OfMeans([Values], new BootstrapOptions(), clusters: null, new CancellationToken(canceled: true)));

    [TestMethod]
    public void OfMeans_SameSeed_IsTheSame()
    {
        Interval once = Bootstrap.OfMeans([Values], new BootstrapOptions { Seed = 5 })[0];
        Assert.AreEqual(once, Bootstrap.OfMeans([Values], new BootstrapOptions { Seed = 5 })[0]);
        Assert.AreNotEqual(once, Bootstrap.OfMeans([Values], new BootstrapOptions { Seed = 6 })[0]);
    }

    [TestMethod]
    public void OfMeans_FewResamples_InterpolatesAsNumpyDoes()
    {
        var random = new SeededRandom(9);
        double[] means = new double[4];
        for (int resample = 0; resample < means.Length; resample++)
        {
            double sum = 0;
            for (int draw = 0; draw < Values.Length; draw++)
            {
                sum += Values[random.Below(Values.Length)];
            }

            means[resample] = sum / Values.Length;
        }

        Array.Sort(means);
        Interval interval = Bootstrap.OfMeans([Values], new BootstrapOptions { Seed = 9, Resamples = 4, Level = 0.8 })[0];

        // numpy.percentile: place (n − 1)·q, here 0.3 and 2.7.
        Assert.AreEqual(means[0] + (0.3 * (means[1] - means[0])), interval.Low, 1e-12);
        Assert.AreEqual(means[2] + (0.7 * (means[3] - means[2])), interval.High, 1e-12);
    }

    [TestMethod]
    public void OfMeans_SeveralColumns_DrawsTheSameRowsForAll()
    {
        double[] shifted = [.. Values.Select(value => 10 + (2 * value))];
        ImmutableArray<Interval> intervals = Bootstrap.OfMeans([Values, shifted], new BootstrapOptions { Seed = 1 });
        Assert.AreEqual(10 + (2 * intervals[0].Low), intervals[1].Low, 1e-12);
        Assert.AreEqual(10 + (2 * intervals[0].High), intervals[1].High, 1e-12);
    }

    [TestMethod]
    public void OfMeans_RowsTwiceAsClusters_IsAsWideAsTheRowsOnce()
    {
        double[] twice = [.. Values, .. Values];
        int[] clusters = [.. Enumerable.Range(100, Values.Length), .. Enumerable.Range(100, Values.Length)];
        var options = new BootstrapOptions { Seed = 2 };
        Interval once = Bootstrap.OfMeans([Values], options)[0];
        Interval clustered = Bootstrap.OfMeans([twice], options, clusters)[0];
        Interval naive = Bootstrap.OfMeans([twice], options)[0];
        Assert.AreEqual(once.Low, clustered.Low, 1e-12);
        Assert.AreEqual(once.High, clustered.High, 1e-12);
        Assert.IsLessThan(0.8 * (once.High - once.Low), naive.High - naive.Low);
    }

    [TestMethod]
    public void OfMeans_OneRowOrCluster_HasNoInterval()
    {
        Assert.IsEmpty(Bootstrap.OfMeans([[1.0]], new BootstrapOptions()));
        Assert.IsEmpty(Bootstrap.OfMeans([[1.0, 2.0]], new BootstrapOptions(), [4, 4]));
    }

    [TestMethod]
    public void OfMeans_NothingToResample_IsACallersBug()
    {
        Assert.ThrowsExactly<ArgumentException>(() => Bootstrap.OfMeans([], new BootstrapOptions()));
        Assert.ThrowsExactly<ArgumentException>(() => Bootstrap.OfMeans([[]], new BootstrapOptions()));
        Assert.ThrowsExactly<ArgumentException>(() => Bootstrap.OfMeans([[1, 2], [1]], new BootstrapOptions()));
        Assert.ThrowsExactly<ArgumentException>(() => Bootstrap.OfMeans([[1, 2]], new BootstrapOptions(), [1]));
        Assert.ThrowsExactly<ArgumentException>(() => Bootstrap.OfMeans([[1, 2]], new BootstrapOptions { Resamples = 0 }));
        Assert.ThrowsExactly<ArgumentException>(() => Bootstrap.OfMeans([[1, 2]], new BootstrapOptions { Level = 1 }));
    }
}
