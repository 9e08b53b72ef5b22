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
        foreach (string expected in new[] { "set: bold, slopes in A and B", "slope in A", "slope in B", "mlp_in.2", "mlp_in.3", "sample", "equal" })
            Assert.Contains(expected, texts);
        Assert.ThrowsExactly<ArgumentException>(() => DriftSlopePlot.Write(_folder["b.svg"], [DriftSamples.Slope("bold", 2), DriftSamples.Slope("other", 3)]));
        Assert.ThrowsExactly<ArgumentException>(() => DriftSlopePlot.Write(_folder["b.svg"], []));
    }

    private string[] Texts(string name) => [.. XDocument.Load(_folder[name]).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim())];
}
