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
    [DataRow(147L, 3, 24, 12)]
    [DataRow(16_000L, 7, 61, 8)]
    public void Take_OfEachShare_GivesEachPairOnceInOrder(long pairs, int threads, int most, int least)
    {
        long* taken = stackalloc long[threads * PairShares.CountersOfShare];
        PairShares shares = Of(taken, pairs, threads, most, least);
        long next = 0;
        for (int share = 0; share < threads; share++)
        {
            while (shares.Take(share, out long from, out long to))
            {
                Assert.AreEqual(next, from);
                Assert.IsInRange(1, most, to - from);
                next = to;
            }
        }

        Assert.AreEqual(pairs, next);
    }

    [TestMethod]
    public void Take_OfOneShareByManyThreadsAtOnce_GivesEachPairOnce()
    {
        const int Threads = 4;
        const int Pairs = 200_000;
        long taken = 0;
        PairShares shares = Of(&taken, Pairs, threads: 1, most: 1, least: 1);
        int[] times = new int[Pairs];
        using var start = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(number => new Thread(() =>
        {
            start.SignalAndWait();
            while (shares.Take(0, out long from, out long _))
            {
                Interlocked.Increment(ref times[from]);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.AreEqual(0, times.Count(count => count != 1), "pairs that were not taken once");
    }

    [TestMethod]
    public void Take_TowardsTheEnd_GivesSmallerPieces()
    {
        long* taken = stackalloc long[2 * PairShares.CountersOfShare];
        PairShares shares = Of(taken, pairs: 400, threads: 2, most: 64, least: 16);
        var pieces = new List<(long From, long To)>();
        while (shares.Take(1, out long from, out long to))
        {
            pieces.Add((from, to));
        }

        Assert.AreSequenceEqual([(200L, 264L), (264, 328), (328, 364), (364, 382), (382, 400)], pieces);
    }

    private static PairShares Of(long* taken, long pairs, int threads, int most, int least)
    {
        for (int share = 0; share < threads; share++)
        {
            taken[share * PairShares.CountersOfShare] = 0;
        }

        return new PairShares { Taken = taken, Shares = threads, Pairs = pairs, Most = most, Least = least };
    }
}
