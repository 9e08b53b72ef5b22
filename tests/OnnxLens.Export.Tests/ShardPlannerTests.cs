using OnnxLens.Export.Bundling;

namespace OnnxLens.Export.Tests;

[TestClass]
public sealed class ShardPlannerTests
{
    [TestMethod]
    [DataRow(new long[] { 1, 1, 1, 1 }, 2, new[] { 2, 2 })]
    [DataRow(new long[] { 5, 1, 1, 1, 1, 1 }, 2, new[] { 1, 5 })]
    [DataRow(new long[] { 1, 1, 1, 1, 9 }, 2, new[] { 4, 1 })]
    [DataRow(new long[] { 3, 2, 4 }, 3, new[] { 1, 1, 1 })]
    [DataRow(new long[] { 7 }, 1, new[] { 1 })]
    public void Partition_Weights_LightensTheHeaviest(long[] weights, int parts, int[] expected) =>
        Assert.AreSequenceEqual(expected, ShardPlanner.Partition(weights, parts));

    [TestMethod]
    public void Partition_RandomWeights_IsTheBestOfAll()
    {
        var random = new Random(3);
        for (int round = 0; round < 50; round++)
        {
            long[] weights = [.. Enumerable.Range(0, 7).Select(_ => (long)random.Next(1, 20))];
            int[] sizes = ShardPlanner.Partition(weights, 3);
            Assert.AreEqual(7, sizes.Sum());
            Assert.AreEqual(BruteForce(weights), Heaviest(weights, sizes));
        }
    }

    private static long BruteForce(long[] weights)
    {
        long best = long.MaxValue;
        for (int a = 1; a < weights.Length - 1; a++)
        {
            for (int b = a + 1; b < weights.Length; b++)
            {
                best = Math.Min(best, Heaviest(weights, [a, b - a, weights.Length - b]));
            }
        }

        return best;
    }

    private static long Heaviest(long[] weights, int[] sizes)
    {
        int start = 0;
        long heaviest = 0;
        foreach (int size in sizes)
        {
            heaviest = Math.Max(heaviest, weights[start..(start + size)].Sum());
            start += size;
        }

        return heaviest;
    }
}
