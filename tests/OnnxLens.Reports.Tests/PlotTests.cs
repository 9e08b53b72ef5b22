using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Xml.Linq;
using OnnxLens.Bundles;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Plots;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class PlotTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(800, 500)]
    [DataRow(1200, 300)]
    public void Write_Png_HasTheSize(int width, int height)
    {
        SweepReport report = PlotSamples.Samples(20);
        PropensityPlot.Write(_folder["new/a.png"], report, report.Summaries[0], width, height);
        LayerSlopePlot.Write(_folder["new/b.PNG"], PlotSamples.Layers(4, Site.MlpIn, Site.ResidPost), width, height);

        AssertPng(_folder["new/a.png"], width, height);
        AssertPng(_folder["new/b.PNG"], width, height);
    }

    [TestMethod]
    public void Write_PropensitySvg_HoldsTitleLegendAndTicks()
    {
        SweepReport report = PlotSamples.Samples(200);
        CurveSummary summary = report.Summaries[0] with { MeanSlope = 0.9691, CiLow = -0.25, CiHigh = 1.1621, AntiSteerable = 0.125 };
        SweepSamples.UnderCommas(() => PropensityPlot.Write(_folder["a.svg"], report, summary));

        string[] texts = Texts("a.svg");
        Assert.Contains("Sweet: sweet-train at mlp_in.4", texts);
        Assert.Contains("slope 0.969 [−0.25, 1.16], anti-steerable 12 % of 200 samples, 60 drawn", texts);
        foreach (string expected in new[] { "multiplier", "propensity, logits", "mean", "bootstrap interval, 95 %", "sample", "anti-steerable", "random vectors ± sd", "their mean", "−1.5", "0.5" })
            Assert.Contains(expected, texts);
    }

    [TestMethod]
    public void Write_Svg_IsScalableAndHasASizeOnPaper()
    {
        LayerSlopePlot.Write(_folder["b.svg"], PlotSamples.Layers(4, Site.MlpIn), width: 840, height: 600);

        XElement root = XDocument.Load(_folder["b.svg"]).Root!;
        Assert.AreEqual(("7.000in", "5.000in", "0 0 840 600"), (root.Attribute("width")!.Value, root.Attribute("height")!.Value, root.Attribute("viewBox")!.Value));
        Assert.IsEmpty(root.Descendants().Where(element => element.Name.LocalName == "rect" && element.Attribute("fill") is null && element.Attribute("width")!.Value == "840" && element.Parent!.Name.LocalName != "clipPath"));
    }

    [TestMethod]
    [DataRow(60, false)]
    [DataRow(61, true)]
    public void Write_Samples_AreDrawnUpToTheCap(int samples, bool cut)
    {
        SweepReport report = PlotSamples.Samples(samples);
        PropensityPlot.Write(_folder["a.svg"], report, report.Summaries[0]);

        Assert.AreEqual(cut, Texts("a.svg").Any(text => text.EndsWith(", 60 drawn", StringComparison.Ordinal)));
        int lines = Elements("a.svg").Count(element => element.Attribute("stroke")?.Value == "#7F7F7F" || element.Attribute("fill")?.Value == "#D55E00");
        Assert.AreEqual(60 + 2, lines, "the samples of both kinds and their two symbols in the legend");
    }

    [TestMethod]
    public void Write_LayersSvg_HoldsTitleSitesAndLayers()
    {
        LayerSlopePlot.Write(_folder["b.svg"], PlotSamples.Layers(12, Site.ResidPost, Site.MlpIn, Site.AttnIn));

        string[] texts = Texts("b.svg");
        foreach (string expected in new[] { "Sweet: sweet-train, mean slope over layers", "layer", "slope, logits per unit", "anti-steerable", "attn_in", "mlp_in", "resid_post", "random vectors, mean ± sd", "bootstrap interval", "11" })
            Assert.Contains(expected, texts);
    }

    [TestMethod]
    public void Write_ManyLayers_LabelsTwentyOfThem()
    {
        LayerSlopePlot.Write(_folder["b.svg"], PlotSamples.Layers(80, Site.MlpIn));

        string[] layers = [.. Texts("b.svg").Where(text => int.TryParse(text, out int layer) && layer > 1).Distinct()];
        Assert.AreSequenceEqual(Enumerable.Range(1, 19).Select(i => $"{4 * i}").ToArray(), layers);
    }

    [TestMethod]
    public void Write_WithoutControlsIntervalsAndSamples_DrawsTheRest()
    {
        SweepReport report = PlotSamples.Samples(1);
        CurveSummary bare = report.Summaries[0] with { CiLow = null, CiHigh = null, CurveLow = [], CurveHigh = [], ControlSlopeMean = null, ControlSlopeSd = null };
        PropensityPlot.Write(_folder["a.svg"], report with { Slopes = [], Cells = [] }, bare);
        LayerSlopePlot.Write(_folder["b.svg"], [bare]);

        Assert.Contains("mean", Texts("a.svg"));
        foreach (string absent in new[] { "bootstrap interval, 95 %", "bootstrap interval", "sample", "random vectors ± sd", "their mean", "random vectors, mean ± sd" })
        {
            Assert.DoesNotContain(absent, Texts("a.svg"));
            Assert.DoesNotContain(absent, Texts("b.svg"));
        }
    }

    [TestMethod]
    public void Write_NothingFinite_StillGivesAPlot()
    {
        SweepReport report = PlotSamples.Samples(3);
        CurveSummary lost = report.Summaries[0] with
        {
            MeanSlope = double.NaN,
            AntiSteerable = double.NaN,
            ControlSlopeMean = double.NaN,
            ControlSlopeSd = double.PositiveInfinity,
            Curve = [.. report.Summaries[0].Curve.Select(_ => double.NaN)],
            CurveLow = [.. report.Summaries[0].Curve.Select(_ => double.NegativeInfinity)],
            CurveHigh = [.. report.Summaries[0].Curve.Select(_ => double.NaN)],
        };
        SweepReport infinite = report with { Cells = [.. report.Cells.Select(cell => cell with { PositiveLogit = float.PositiveInfinity })] };

        PropensityPlot.Write(_folder["a.png"], infinite, lost);
        LayerSlopePlot.Write(_folder["b.png"], [lost]);

        AssertPng(_folder["a.png"], 800, 500);
        AssertPng(_folder["b.png"], 800, 580);
    }

    [TestMethod]
    public void Write_MultipliersWithoutZero_DrawsControlsThroughTheFittedValue()
    {
        SweepReport report = PlotSamples.Samples(5);
        CurveSummary summary = report.Summaries[0] with { Multipliers = [1, 2], Curve = [1, 2], CurveSlope = 1, CurveLow = [], CurveHigh = [] };

        PropensityPlot.Write(_folder["a.svg"], report, summary);

        Assert.Contains("their mean", Texts("a.svg"));
    }

    [TestMethod]
    [DataRow(7, true)]
    [DataRow(15, false)]
    public void Write_Multipliers_HaveATickEachWhereTheirNumbersStandApart(int count, bool each)
    {
        SweepReport report = PlotSamples.Samples(5);
        ImmutableArray<double> multipliers = [.. Enumerable.Range(0, count).Select(i => 0.125 * (i - (count / 2)))];
        PropensityPlot.Write(_folder["a.svg"], report, report.Summaries[0] with { Multipliers = multipliers, Curve = [.. multipliers], CurveLow = [], CurveHigh = [] });

        Assert.AreEqual(each, Texts("a.svg").Contains("−0.375"));
    }

    [TestMethod]
    public void Write_KeyOfRandomVectors_HasLineAndBand()
    {
        SweepReport report = PlotSamples.Samples(5);
        PropensityPlot.Write(_folder["a.svg"], report, report.Summaries[0]);
        PropensityPlot.Write(_folder["b.svg"], report, report.Summaries[0] with { ControlSlopeMean = null, ControlSlopeSd = null });

        Assert.AreEqual(Bands("b.svg") + 2, Bands("a.svg"), "the band and its key");

        int Bands(string name) => Elements(name).Count(element => element.Attribute("fill")?.Value == "#7F7F7F" && element.Attribute("fill-opacity") is not null);
    }

    [TestMethod]
    public void Write_HostileNames_GiveReadableXmlOnOneLine()
    {
        string name = "a<b>&\"c\"\n\0\u0001\u2028\ud83d" + new string('w', 100);
        SweepReport report = PlotSamples.Samples(3, name, name);
        PropensityPlot.Write(_folder["a.svg"], report, report.Summaries[0]);

        string[] texts = Texts("a.svg");
        Assert.IsTrue(texts.Any(text => text.StartsWith("a<b>&\"c\"", StringComparison.Ordinal) && text.EndsWith("w…:", StringComparison.Ordinal)), "the dataset on a line of its own");
        Assert.IsTrue(texts.Any(text => text.StartsWith("a<b>&\"c\"", StringComparison.Ordinal) && text.EndsWith("w… at mlp_in.4", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Write_OtherEnding_SaysWhichThereAre()
    {
        SweepReport report = PlotSamples.Samples(3);
        foreach (string name in new[] { "a.pdf", "a", "png" })
        {
            OutputException refusal = Assert.ThrowsExactly<OutputException>(() => PropensityPlot.Write(_folder[name], report, report.Summaries[0]));
            Assert.Contains(".png or .svg", refusal.Message);
        }

        Assert.IsEmpty(_folder.Names);
    }

    [TestMethod]
    public void Write_MistakesOfTheCaller_AreRefused()
    {
        SweepReport report = PlotSamples.Samples(3);
        CurveSummary summary = report.Summaries[0];

        Assert.ThrowsExactly<ArgumentException>(() => LayerSlopePlot.Write(_folder["a.png"], []));
        Assert.ThrowsExactly<ArgumentException>(() => LayerSlopePlot.Write(_folder["a.png"], [summary, summary with { Vector = "other" }]));
        Assert.ThrowsExactly<ArgumentException>(() => PropensityPlot.Write(_folder["a.png"], report, summary with { Curve = [] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PropensityPlot.Write(_folder["a.png"], report, summary, width: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PropensityPlot.Write(_folder["a.png"], report, summary, height: 100_000));
        Assert.IsEmpty(_folder.Names);
    }

    [TestMethod]
    public void PublicSurface_Plots_NamesNoTypeOfTheDrawingLibraries()
    {
        IEnumerable<string> types =
            from type in typeof(PropensityPlot).Assembly.GetExportedTypes()
            from method in type.GetMethods()
            from used in method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)
            select used.FullName ?? "";

        Assert.IsEmpty(types.Where(name => name.Contains("ScottPlot", StringComparison.Ordinal) || name.Contains("SkiaSharp", StringComparison.Ordinal)));
    }

    private static void AssertPng(string path, int width, int height)
    {
        byte[] bytes = File.ReadAllBytes(path);
        Assert.AreEqual("89504E470D0A1A0A", Convert.ToHexString(bytes.AsSpan(0, 8)));
        Assert.AreEqual(width * 3, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)));
        Assert.AreEqual(height * 3, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20)));

        // 360 pixels an inch, and the check sum of what says so.
        Assert.IsTrue(bytes.AsSpan(37, 4).SequenceEqual("pHYs"u8));
        Assert.AreEqual(360, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(41)) * 0.0254, 0.01);
        Assert.AreEqual(CheckSum(bytes.AsSpan(37, 13)), BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(50)));
        Assert.IsTrue(bytes.AsSpan(0, bytes.Length - 4).EndsWith("IEND"u8));
    }

    /// <summary>CRC-32 as PNG has it.</summary>
    private static uint CheckSum(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        foreach (byte value in bytes)
        {
            sum ^= value;
            for (int bit = 0; bit < 8; bit++)
                sum = (sum >> 1) ^ ((sum & 1) * 0xEDB88320);
        }

        return ~sum;
    }

    private string[] Texts(string name) => [.. Elements(name).Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim())];

    private IEnumerable<XElement> Elements(string name)
    {
        XDocument svg = XDocument.Load(_folder[name]);
        Assert.AreEqual("svg", svg.Root!.Name.LocalName);
        return svg.Descendants();
    }
}
