using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using OnnxLens.Eval.Drift;
using OnnxLens.Reports.Plots;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class DriftPlotTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_LayersSvg_HoldsTitleSitesAndPowersOfTen()
    {
        SweepSamples.UnderCommas(() => DriftPlot.Write(_folder["a.svg"], DriftSamples.Report()));
        string[] texts = Texts("a.svg");
        foreach (string expected in new[] { "B (fp16, 2 shards) against A (fp32, 1 shard), 6 positions", "1 − cosine", "KL(A‖B), nats", "layer", "attn_out", "resid_post", "1e−6", "0", "3" })
            Assert.Contains(expected, texts);
    }

    [TestMethod]
    public void Write_NothingDiffers_HasZerosOnly()
    {
        DriftPlot.Write(_folder["a.svg"], DriftSamples.Report(exact: true));
        Assert.IsFalse(Texts("a.svg").Any(text => text.StartsWith("1e", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Write_NothingCouldBeCompared_IsDrawnEmpty()
    {
        DriftReport report = DriftSamples.Report();
        DriftPlot.Write(_folder["a.png"], report with { Points = [.. report.Points.Select(point => new PointDrift { Point = point.Point, Positions = 0, Undefined = 3, Predicted = 0 })] });
        Assert.AreSequenceEqual(["a.png"], _folder.Names);
    }

    [TestMethod]
    public void Write_SlopesSvg_NamesVectorAndHookPoints()
    {
        DriftSlopePlot.Write(_folder["b.svg"], [DriftSamples.Slope("bold", 2), DriftSamples.Slope("bold", 3)]);
        string[] texts = Texts("b.svg");
        foreach (string expected in new[] { "set: bold, slopes in A and B", "slope in A, logits per unit", "slope in B, logits per unit", "mlp_in.2", "mlp_in.3", "sample", "equal" })
            Assert.Contains(expected, texts);
        Assert.ThrowsExactly<ArgumentException>(() => DriftSlopePlot.Write(_folder["b.svg"], [DriftSamples.Slope("bold", 2), DriftSamples.Slope("other", 3)]));
        Assert.ThrowsExactly<ArgumentException>(() => DriftSlopePlot.Write(_folder["b.svg"], []));
    }

    [TestMethod]
    public void Write_ManySlopes_NamesTheSteepestAndNoNameCoversAnother()
    {
        DriftSlopePlot.Write(_folder["b.svg"], [.. Enumerable.Range(0, 60).Select(layer => DriftSamples.Slope("bold", layer) with { SlopeA = 0.01 * layer, SlopeB = 0.01 * layer, Samples = [new("row", 0.01 * layer, 0.01 * layer)] })]);
        (double Y, string Text)[] names = [.. Labels("b.svg").Where(label => label.Text.StartsWith("mlp_in.", StringComparison.Ordinal)).OrderBy(label => label.Y)];

        Assert.IsInRange(20, 40, names.Length);
        Assert.Contains($"mean of a hook point ({names.Length} of 60 named)", Texts("b.svg"));
        Assert.AreSequenceEqual(Enumerable.Range(60 - names.Length, names.Length).Reverse().Select(layer => $"mlp_in.{layer}").ToArray(), names.Select(name => name.Text).ToArray());
        Assert.IsGreaterThan(14, names.Zip(names.Skip(1), (above, below) => below.Y - above.Y).Min());
    }

    [TestMethod]
    public void Apart_Places_KeepTheirOrderGapAndEnds()
    {
        Assert.AreSequenceEqual([1d, 3d], SideNames.Apart([1, 3], 1, 0, 10));
        Assert.AreSequenceEqual([1.5, 2.5], SideNames.Apart([2, 2], 1, 0, 10));
        Assert.AreSequenceEqual([0d, 1d, 5d], SideNames.Apart([0, 0, 5], 1, 0, 10));
        Assert.AreSequenceEqual([8d, 9d, 10d], SideNames.Apart([9, 10, 10], 1, 0, 10));
        Assert.IsEmpty(SideNames.Apart([], 1, 0, 10));
    }

    [TestMethod]
    public void Write_ManyPowersOfTen_KeepsZeroClearOfTheLowest()
    {
        DriftReport report = DriftSamples.Report();
        PointDrift[] points = [.. report.Points.Select((point, i) => point with { CosineMean = 1, CosineLow = 1, KlMean = i == 0 ? 0 : Math.Pow(10, -9 * i), KlMax = Math.Pow(10, -9 * i) })];
        DriftPlot.Write(_folder["a.svg"], report with { Points = [.. points] });

        (double Y, string Text)[] ticks = [.. Labels("a.svg").Where(label => label.Text.StartsWith("1e", StringComparison.Ordinal) || label.Text is "0" or "1" or "0.01").OrderBy(label => label.Y)];
        double[] left = [.. ticks.Where(tick => tick.Text.StartsWith("1e", StringComparison.Ordinal)).Select(tick => tick.Y)];
        double lowest = left.Max();
        Assert.IsGreaterThan(14, ticks.Where(tick => tick.Text == "0" && tick.Y > lowest).Min(tick => tick.Y) - lowest);
    }

    private IEnumerable<(double Y, string Text)> Labels(string name) =>
        from element in XDocument.Load(_folder[name]).Descendants()
        where element.Name.LocalName == "text"
        let turned = element.Attribute("transform")?.Value
        let y = turned is null ? element.Attribute("y")!.Value : Regex.Match(turned, @"[ ,]([-0-9.]+)\)").Groups[1].Value
        select (double.Parse(y.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture), element.Value.Trim());

    private string[] Texts(string name) => [.. XDocument.Load(_folder[name]).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim())];
}
