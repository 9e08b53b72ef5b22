using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Lens;

namespace OnnxLens.Eval.Tests.Drift;

[TestClass]
public sealed class DriftSummarizerTests
{
    private static readonly HookPoint Point = new(Site.ResidPost, 3);

    [TestMethod]
    public void Of_ThreePositions_IsWhatIsWorkedByHand()
    {
        PointDrift drift = Summarize(
            Cell(cosine: 1, difference: 0, kl: 0, entropies: (1, 1), tops: (4, 4), overlap: 1, next: (-1, -2)),
            Cell(cosine: 0.5, difference: 0.6, kl: 0.3, entropies: (2, 2.5), tops: (4, 5), overlap: 0.4, next: (-3, -2)),
            Cell(cosine: 0.9, difference: 0.3, kl: 0.6, entropies: (3, 2), tops: (1, 1), overlap: 0.7, next: (double.NaN, double.NaN)));

        Assert.AreEqual((3, 0, 2), (drift.Positions, drift.Undefined, drift.Predicted));
        Assert.AreEqual(0.8, drift.CosineMean!.Value, 1e-15);
        Assert.AreEqual(0.5, drift.CosineMin);
        Assert.AreEqual(0.5 + (0.05 * 2 * 0.4), drift.CosineLow!.Value, 1e-15, "a tenth of the way from the lowest to the next");
        Assert.AreEqual(0.3, drift.RelativeDifferenceMean!.Value, 1e-15);
        Assert.AreEqual(0.6, drift.RelativeDifferenceMax);
        Assert.AreEqual(0.3, drift.KlMean!.Value, 1e-15);
        Assert.AreEqual(0.6, drift.KlMax);
        Assert.AreEqual(2.0 / 3, drift.TopAgreement!.Value, 1e-15);
        Assert.AreEqual(0.7, drift.TopOverlap!.Value, 1e-15);
        Assert.AreEqual(2, drift.EntropyA!.Value, 1e-15);
        Assert.AreEqual(5.5 / 3, drift.EntropyB!.Value, 1e-15);
        Assert.AreEqual(-0.5 / 3, drift.EntropyShiftMean!.Value, 1e-15);
        Assert.AreEqual(0.5, drift.EntropyShiftAbsMean!.Value, 1e-15);
        Assert.AreEqual(Math.Exp(2), drift.PerplexityA!.Value, 1e-12);
        Assert.AreEqual(Math.Exp(2), drift.PerplexityB!.Value, 1e-12);
        Assert.IsFalse(drift.IsExact);
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(7)]
    [DataRow(2573)]
    public void Of_EqualCells_IsExact(int positions)
    {
        PointDrift drift = Summarize([.. Enumerable.Range(0, positions).Select(i => Cell(1, 0, 0, (0.1 * i, 0.1 * i), (2, 2), 1, (-0.7 * i, -0.7 * i)))]);
        Assert.AreEqual((1.0, 1.0, 1.0), (drift.CosineMean, drift.CosineLow, drift.CosineMin));
        Assert.AreEqual((0.0, 0.0, 0.0, 0.0), (drift.KlMean, drift.RelativeDifferenceMean, drift.EntropyShiftMean, drift.EntropyShiftAbsMean));
        Assert.AreEqual((1.0, 1.0), (drift.TopAgreement, drift.TopOverlap));
        Assert.AreEqual(drift.PerplexityA, drift.PerplexityB);
        Assert.IsTrue(drift.IsExact);
    }

    [TestMethod]
    public void Of_UndefinedCells_AreCountedAndLeftOut()
    {
        PointDrift drift = Summarize(CellComparison.Undefined(NonFiniteSide.Other), Cell(0.5, 1, 2, (1, 2), (0, 1), 0, (-1, -1)), CellComparison.Undefined(NonFiniteSide.Both));
        Assert.AreEqual((1, 2, 1), (drift.Positions, drift.Undefined, drift.Predicted));
        Assert.AreEqual((0.5, 2.0, 0.0), (drift.CosineMean, drift.KlMean, drift.TopAgreement));

        PointDrift none = Summarize(CellComparison.Undefined(NonFiniteSide.Reference));
        Assert.AreEqual((0, 1, 0), (none.Positions, none.Undefined, none.Predicted));
        Assert.IsTrue(none is { CosineMean: null, CosineLow: null, CosineMin: null, RelativeDifferenceMax: null, KlMean: null, KlMax: null, TopAgreement: null, PerplexityA: null, IsExact: false });
    }

    [TestMethod]
    public void Of_ACosineThatIsUndefined_IsLeftOutOfCosinesOnly()
    {
        PointDrift drift = Summarize(Cell(double.NaN, 1, 2, (1, 1), (0, 0), 1, (-1, -1)), Cell(0.5, 1, 4, (1, 1), (0, 0), 1, (-1, -1)));
        Assert.AreEqual((2, 0.5, 0.5, 3.0), (drift.Positions, drift.CosineMean, drift.CosineMin, drift.KlMean));
    }

    [TestMethod]
    public void Of_SeveralPoints_KeepsTheirOrder()
    {
        HookPoint[] points = [new(Site.MlpOut, 2), new(Site.ResidPost, 0), new(Site.MlpOut, 1)];
        CellComparison cell = Cell(1, 0, 0, (0, 0), (0, 0), 1, (0, 0));
        ImmutableArray<PointDrift> drift = DriftSummarizer.Of([.. from prompt in Enumerable.Range(0, 2) from point in points select new DriftCell(prompt, 0, 1, null, point, cell)]);
        Assert.AreSequenceEqual(points, drift.Select(point => point.Point).ToArray());
        Assert.IsTrue(drift.All(point => point.Positions == 2));
    }

    private static PointDrift Summarize(params CellComparison[] cells) =>
        DriftSummarizer.Of([.. cells.Select((cell, i) => new DriftCell(0, i, 1, 2, Point, cell))]).Single();

    private static CellComparison Cell(
        double cosine, double difference, double kl, (double A, double B) entropies, (int A, int B) tops, double overlap, (double A, double B) next) =>
        new(NonFiniteSide.None, new ActivationComparison(cosine, difference), new LogitComparison(kl, entropies.A, entropies.B, tops.A, tops.B, overlap, next.A, next.B));
}
