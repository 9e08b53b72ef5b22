using OnnxLens.Lens;

namespace OnnxLens.Tests.Lens;

[TestClass]
public sealed class LensChunkTests
{
    [TestMethod]
    [DataRow(1, 1, 2)]
    [DataRow(6, 10, 128)]
    [DataRow(6, 10, 7)]
    [DataRow(6, 10, 6)]
    [DataRow(6, 10, 5)]
    [DataRow(6, 10, 2)]
    [DataRow(560, 3, 128)]
    [DataRow(128, 3, 128)]
    [DataRow(127, 2, 128)]
    public void Plan_AnyShape_CoversEveryCellOnceWithinTheRows(int points, int positions, int maxRows)
    {
        foreach (int finalPoint in new[] { -1, 0, points / 2, points - 1 })
        {
            int[] seen = new int[points * positions];
            foreach (LensChunk chunk in LensChunk.Plan(points, positions, maxRows, finalPoint))
            {
                Assert.IsLessThanOrEqualTo(maxRows, chunk.RowsPerPosition * chunk.PositionCount);
                Assert.IsLessThan(chunk.RowsPerPosition, chunk.FinalOffset);
                bool inside = finalPoint >= chunk.FirstPoint && finalPoint < chunk.FirstPoint + chunk.PointCount;
                Assert.AreEqual(inside ? finalPoint - chunk.FirstPoint : chunk.PointCount, chunk.FinalOffset);
                for (int point = chunk.FirstPoint; point < chunk.FirstPoint + chunk.PointCount; point++)
                {
                    for (int position = chunk.FirstPosition; position < chunk.FirstPosition + chunk.PositionCount; position++)
                    {
                        seen[(point * positions) + position]++;
                    }
                }
            }

            Assert.IsTrue(Array.TrueForAll(seen, count => count == 1));
        }
    }

    [TestMethod]
    public void Plan_OneRow_IsRefused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LensChunk.Plan(1, 1, 1, 0).ToArray());
}
