using System.Collections.Immutable;
using OnnxLens.Eval.Statistics;

namespace OnnxLens.Eval.Tests.Statistics;

/// <summary>The statistics against scipy and numpy, on a sweep and on tables made to be difficult.</summary>
[TestClass]
public sealed class GoldenStatisticsTests
{
    [TestMethod]
    [DataRow("propensity")]
    [DataRow("synthetic-even-grid")]
    [DataRow("synthetic-uneven-grid")]
    public void Rows_EachGoldenTable_GiveItsStatistics(string name)
    {
        var table = GoldenTable.Read(name);
        foreach (GoldenRow row in table.Rows)
        {
            var fit = LineFit.Of(table.Multipliers, row.Propensity);
            Assert.AreEqual(row.Slope, fit.Slope, row.Tolerance, row.Sample);
            Assert.AreEqual(row.Intercept, fit.Intercept, row.Tolerance, row.Sample);
            AssertClose(row.R2, fit.R2, row.Sample);
            AssertClose(row.Spearman, RankCorrelation.Spearman(table.Multipliers, row.Propensity), row.Sample);
            Assert.AreEqual(row.Slope == 0, fit.Slope == 0, row.Sample);
        }
    }

    [TestMethod]
    [DataRow("propensity")]
    [DataRow("synthetic-even-grid")]
    [DataRow("synthetic-uneven-grid")]
    public void Means_EachGoldenTable_GiveItsSummary(string name)
    {
        var table = GoldenTable.Read(name);
        double[] slopes = Slopes(table);
        double[] curve = Curves.Mean([.. table.Rows.Select(row => row.Propensity)]);
        double tolerance = table.Rows.Max(row => row.Tolerance);
        Assert.AreEqual(table["mean_slope"], slopes.Average(), tolerance);
        Assert.AreEqual(table["mean_curve_slope"], LineFit.Of(table.Multipliers, curve).Slope, tolerance);
        AssertClose(table["mean_curve_spearman"], RankCorrelation.Spearman(table.Multipliers, curve), name);
        Assert.AreEqual(table["anti_steerable"], Curves.AntiSteerable(slopes));
        double[] expected = table.Array("mean_curve");
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], curve[i], tolerance);
        }
    }

    [TestMethod]
    [DataRow("propensity")]
    [DataRow("synthetic-even-grid")]
    [DataRow("synthetic-uneven-grid")]
    public void Bootstrap_EachGoldenTable_EndsWithinTheSpread(string name)
    {
        var table = GoldenTable.Read(name);
        double[] expected = table.Array("mean_slope_ci");
        double[] spread = table.Array("mean_slope_ci_spread");
        foreach (ulong seed in new ulong[] { 0, 1, 20261 })
        {
            ImmutableArray<Interval> intervals = Bootstrap.OfMeans([Slopes(table)], new BootstrapOptions { Seed = seed });
            Assert.AreEqual(expected[0], intervals[0].Low, 5 * spread[0]);
            Assert.AreEqual(expected[1], intervals[0].High, 5 * spread[1]);
        }
    }

    private static double[] Slopes(GoldenTable table) => [.. table.Rows.Select(row => LineFit.Of(table.Multipliers, row.Propensity).Slope)];

    private static void AssertClose(double? expected, double? actual, string what)
    {
        Assert.AreEqual(expected is null, actual is null, what);
        Assert.AreEqual(expected ?? 0, actual ?? 0, 1e-9, what);
    }
}
