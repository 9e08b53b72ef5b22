using OnnxLens.Runtime.Products;

namespace OnnxLens.Tests.Runtime.Products;

[TestClass]
public sealed unsafe class PairSharesTests
{
    [TestMethod]
    [DataRow(1L, 1, 1, 1)]
    [DataRow(1L, 7, 1, 1)]
    [DataRow(5L, 2, 2, 1)]
    [DataRow(512L, 2, 64, 16)]
    [DataRow(513L, 3, 64, 16)]
    [DataRow(16_000L, 7, 61, 8)]
    public void Take_BySomeThreads_GivesEachPairOnce(long pairs, int threads, int most, int least)
    {
        long* taken = stackalloc long[threads * PairShares.CountersOfShare];
        PairShares shares = Of(taken, pairs, threads, most, least);
        int[] times = new int[pairs];
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, part =>
        {
            int share = part;
            while (shares.Take(ref share, part, out long from, out long to))
            {
                for (long pair = from; pair < to; pair++)
                {
                    Interlocked.Increment(ref times[pair]);
                }
            }
        });

        Assert.IsTrue(times.All(count => count == 1), $"{times.Count(count => count != 1)} pair(s) were not taken once");
    }

    [TestMethod]
    public void Take_ByOneOfTwo_GoesThroughItsOwnShareAndThenTheOther()
    {
        long* taken = stackalloc long[2 * PairShares.CountersOfShare];
        PairShares shares = Of(taken, pairs: 200, threads: 2, most: 64, least: 16);

        var pieces = new List<(long From, long To)>();
        int share = 1;
        while (shares.Take(ref share, 1, out long from, out long to))
        {
            pieces.Add((from, to));
        }

        (long, long)[] expected = [(100, 150), (150, 175), (175, 191), (191, 200), (0, 50), (50, 75), (75, 91), (91, 100)];
        CollectionAssert.AreEqual(expected, pieces);
    }

    [TestMethod]
    public void Take_FarFromTheEnd_GivesPiecesOfTheMostPairs()
    {
        long taken = 0;
        PairShares shares = Of(&taken, pairs: 1000, threads: 1, most: 64, least: 16);

        int share = 0;
        Assert.IsTrue(shares.Take(ref share, 0, out long from, out long to));
        Assert.AreEqual((0L, 64L), (from, to));
    }

    private static PairShares Of(long* taken, long pairs, int threads, int most, int least)
    {
        new Span<long>(taken, ((threads - 1) * PairShares.CountersOfShare) + 1).Clear();
        return new PairShares { Taken = taken, Shares = threads, Pairs = pairs, Most = most, Least = least };
    }
}
