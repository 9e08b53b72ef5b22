using System.Collections.Immutable;
using System.Xml.Linq;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Reports.Plots;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class TrajectoryPlotTests : IDisposable
{
    private const int Layers = 4;
    private const int TopK = 3;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_Svg_HoldsTitleLegendAndAxes()
    {
        string[] texts = Texts(Report(targets: [7]), position: 1);

        foreach (string expected in new[] { "lens of resid_post at position 1", "“t0t1”", "probability", "nats", "layer", "entropy", "KL(final‖lens)", "t7 (target)", "filled: top token", "gap: not in the top 3" })
            Assert.Contains(expected, texts);
    }

    [TestMethod]
    public void Write_Tokens_AreTheTargetsAndTheTopOfTheLastLayer()
    {
        string[] texts = Texts(Report(targets: [7]), position: 0);

        // The last layer's top is 3, 4, 5.
        Assert.AreSequenceEqual(["t7 (target)", "t3", "t4", "t5"], [.. texts.Where(text => text.StartsWith('t'))]);
    }

    [TestMethod]
    public void Write_ManyTargets_LeavesRoomForTheTopTokenAndSaysSo()
    {
        string[] texts = Texts(Report(targets: [9, 8, 7, 6, 2, 1]), position: 0);

        Assert.AreSequenceEqual(["t9 (target)", "t8 (target)", "t7 (target)", "t6 (target)", "t3"], [.. texts.Where(text => text.StartsWith('t'))]);
        Assert.Contains("4 of 6 targets", texts);
    }

    [TestMethod]
    public void Write_TokensThatLookAlike_HaveTheirIds()
    {
        TrajectoryPlot.Write(_folder["a.svg"], Report(targets: [7]), Site.ResidPost, 0, id => id < 5 ? $"{new string('x', 20)}{id}" : $"t{id}");

        string cut = new string('x', 17) + "…";
        Assert.AreSequenceEqual(["t7 (target)", $"{cut} id:3", $"{cut} id:4", "t5"], [.. TextsOf("a.svg").Where(text => text[0] is 't' or 'x')]);
    }

    [TestMethod]
    public void Write_TokenOutsideTheTop_HasAGapAndATargetHasNone()
    {
        LensReport report = Report(targets: [3]);
        var trajectory = new Trajectory(report.Grid, Site.ResidPost, 0);

        Assert.IsTrue(trajectory.Probabilities(3).All(double.IsFinite));
        Assert.IsTrue(new[] { false, false, true, true }.SequenceEqual(trajectory.Probabilities(4).Select(double.IsFinite)));
        Assert.AreEqual(Math.Exp(-2), trajectory.Probabilities(4)[3], 1e-6);
        Assert.IsTrue(new[] { false, false, false, true }.SequenceEqual(Enumerable.Range(0, Layers).Select(layer => trajectory.IsTop(layer, 3))));
    }

    [TestMethod]
    public void Write_LayersInAnyOrder_AreDrawnRising()
    {
        LensReport report = Report(targets: []);
        Assert.AreSequenceEqual([0, 1, 2, 3], [.. new Trajectory(report.Grid, Site.ResidPost, 1).Layers]);
        Assert.AreSequenceEqual([3d, 2d, 1d, 0d], new Trajectory(report.Grid, Site.ResidPost, 1).Entropies);
    }

    [TestMethod]
    public void Write_TokensShownById_AreApart()
    {
        TrajectoryPlot.Write(_folder["a.svg"], Report(targets: []), Site.ResidPost, 1, id => $"{id}");

        Assert.Contains("“0 1”", TextsOf("a.svg"));
    }

    [TestMethod]
    public void Write_Component_IsCalledOne()
    {
        Assert.Contains("lens of a component (mlp_out) at position 1", Texts(Report(targets: []), position: 1, Site.MlpOut));
    }

    [TestMethod]
    public void Write_NothingFinite_StillGivesAPlot()
    {
        LensReport report = Report(targets: [7]);
        foreach (float[] values in new[] { report.Grid.Entropy, report.Grid.KlFinalLens, report.Grid.TopLogProbs, report.Grid.TargetLogProbs })
            Array.Fill(values, float.NaN);
        Array.Fill(report.Grid.TopIds, -1);

        TrajectoryPlot.Write(_folder["a.png"], report, Site.ResidPost, 0, Text);

        Assert.IsGreaterThan(1000, new FileInfo(_folder["a.png"]).Length);
    }

    [TestMethod]
    public void Write_HostileTokens_GiveReadableXml()
    {
        LensReport report = Report(targets: [7]);
        TrajectoryPlot.Write(_folder["a.svg"], report, Site.ResidPost, 1, id => id == 7 ? "<b>&\"中\ud83d" : new string('w', 100));

        string[] texts = TextsOf("a.svg");
        Assert.Contains("<b>&\"\\u{4E2D}\uFFFD (target)", texts);
        Assert.Contains(new string('w', 12) + "… id:3", texts);
        Assert.IsTrue(texts.Any(text => text.StartsWith("“…www", StringComparison.Ordinal) && PlotFont.Width(text, PlotStyle.TitleSize) is > 600 and <= 640), "the end of a long text, as wide as a title may be");
    }

    [TestMethod]
    public void Write_WhatTheGridLacks_IsTheCallersFault()
    {
        LensReport report = Report(targets: []);
        Assert.ThrowsExactly<ArgumentException>(() => TrajectoryPlot.Write(_folder["a.svg"], report, Site.AttnIn, 0, Text));
        Assert.ThrowsExactly<ArgumentException>(() => TrajectoryPlot.Write(_folder["a.svg"], report, Site.ResidPost, 5, Text));
        Assert.IsEmpty(_folder.Names);
    }

    private static string Text(int id) => $"t{id}";

    /// <summary>Two positions; resid_post of four layers, falling, and one component; the top of layer l is l, l+1, l+2 with log-probabilities −1, −2, −3.</summary>
    private static LensReport Report(ImmutableArray<int> targets)
    {
        HookPoint[] points = [.. Enumerable.Range(0, Layers).Reverse().Select(layer => new HookPoint(Site.ResidPost, layer)), new(Site.MlpOut, 2)];
        var grid = new LensGrid([.. points], [0, 1], TopK, targets);
        for (int p = 0; p < points.Length; p++)
        {
            for (int s = 0; s < 2; s++)
            {
                int cell = grid.CellIndex(p, s);
                for (int rank = 0; rank < TopK; rank++)
                    (grid.TopIds[(cell * TopK) + rank], grid.TopLogProbs[(cell * TopK) + rank]) = (points[p].Layer + rank, -1 - rank);
                for (int target = 0; target < targets.Length; target++)
                    grid.TargetLogProbs[(cell * targets.Length) + target] = -20 + points[p].Layer;
                (grid.Entropy[cell], grid.KlFinalLens[cell]) = (3 - points[p].Layer, 2f * (3 - points[p].Layer));
            }
        }

        return new LensReport
        {
            Provenance = Samples.Provenance,
            Tokens = [.. Enumerable.Range(0, 2).Select(id => new ReportToken(id, Text(id), TokenPhase.Prompt))],
            Grid = grid,
            TokenText = Text,
        };
    }

    private string[] Texts(LensReport report, int position, Site site = Site.ResidPost)
    {
        TrajectoryPlot.Write(_folder["a.svg"], report, site, position, Text);
        return TextsOf("a.svg");
    }

    private string[] TextsOf(string name) => [.. XDocument.Load(_folder[name]).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim())];
}
