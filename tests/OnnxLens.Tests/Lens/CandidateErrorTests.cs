using OnnxLens.Bundles;
using OnnxLens.Lens;

namespace OnnxLens.Tests.Lens;

[TestClass]
public sealed class CandidateErrorTests
{
    [TestMethod]
    public void Of_SharedPositions_AreTheWorstOfTheCommonCells()
    {
        LensGrid other = Grid(0, 1, 2, 3);
        LensGrid exact = Grid(1, 3);
        Array.Fill(other.Entropy, 5f); // Cells that only one grid has must not count.
        Fill(exact, 0, 0, [7, 8], [-1f, -2f], entropy: 1f, kl: 0.5f);
        Fill(other, 0, 1, [8, 7], [-2.25f, -1.5f], entropy: 1.25f, kl: 0.5f);
        Fill(exact, 0, 1, [7, 8], [-1f, -2f], entropy: 1f, kl: 0.5f);
        Fill(other, 0, 3, [7, 9], [-1f, -9f], entropy: 1f, kl: 0.75f);

        CandidateError? error = CandidateError.Of("int8", exact, other);

        Assert.AreEqual(new CandidateError("int8", 2, 0.5, 0.5, 0.25, 0.25), error);
    }

    [TestMethod]
    public void Of_CellsThatAreNotDefined_AreLeftOut()
    {
        LensGrid exact = Grid(0);
        LensGrid other = Grid(0);
        exact.LogSumExp[0] = float.NaN;
        Assert.IsNull(CandidateError.Of("int8", exact, other));
    }

    [TestMethod]
    [DataRow(1, 16, new[] { 0 })]
    [DataRow(16, 16, new[] { 8 })]
    [DataRow(17, 16, new[] { 4, 12 })]
    [DataRow(4096, 64, new[] { 1024, 3072 })]
    [DataRow(4096, 1000, new[] { 2048 })]
    public void Sample_Positions_AreSpreadAndFew(int positions, int points, int[] expected) =>
        Assert.AreSequenceEqual(expected, CandidateError.Sample([.. Enumerable.Range(0, positions)], points).ToArray());

    private static LensGrid Grid(params int[] positions) => new([new HookPoint(Site.ResidPost, 0)], [.. positions], 2, []);

    private static void Fill(LensGrid grid, int point, int position, int[] ids, float[] logProbs, float entropy, float kl)
    {
        int cell = grid.CellIndex(point, position);
        ids.CopyTo(grid.TopIds, cell * 2);
        logProbs.CopyTo(grid.TopLogProbs, cell * 2);
        grid.Entropy[cell] = entropy;
        grid.KlFinalLens[cell] = kl;
    }
}
