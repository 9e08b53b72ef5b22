using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Statistics;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Extraction;
using OnnxLens.Reports.Pages;
using OnnxLens.Reports.Sweeps;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class SweepPageTests : IDisposable
{
    private static readonly ImmutableArray<ExtractionQuality> Qualities =
    [
        new(SweepSamples.Point, 40, 1.25, 0.1 + 0.2, null, null, 0, null, null, ["One.", "</script><script>alert(1)</script>"]),
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_Tables_AreThoseOfTheCsvFilesBitForBit()
    {
        SweepSamples.UnderCommas(() => SweepPage.Write(_folder["new/a.html"], SweepSamples.Report, Qualities));
        SweepCsvWriter.Write(_folder["csv"], SweepSamples.Report);
        ExtractionCsvWriter.Write(_folder["csv/extraction.csv"], Qualities);

        PageContent page = PageContent.Read(_folder["new/a.html"]).Single();
        foreach (string table in new[] { "samples", "slopes", "summary", "curves", "cost", "extraction" })
            page.AssertTable(table, _folder[$"csv/{table}.csv"]);
    }

    [TestMethod]
    public void Write_Header_HoldsVerdictsLettersAndProvenance()
    {
        SweepPage.Write(_folder["a.html"], SweepSamples.Report, []);
        SweepCsvWriter.Write(_folder["csv"], SweepSamples.Report);
        PageContent page = PageContent.Read(_folder["a.html"]).Single();
        using var provenance = JsonDocument.Parse(File.ReadAllBytes(_folder["csv/provenance.json"]));

        Assert.AreEqual("sweep", page.Header.GetProperty("kind").GetString());
        Assert.AreEqual(0.9, page.Header.GetProperty("interval_level").GetDouble());
        Assert.IsTrue(JsonElement.DeepEquals(provenance.RootElement, page.Header.GetProperty("provenance")));
        Assert.AreSequenceEqual(SweepVerdict.Of(SweepSamples.Report, NumberForm.Typeset).Select(verdict => verdict.Text).ToArray(), page.Texts("verdicts", "text"));
        Assert.AreSequenceEqual(new[] { "undecided", "undecided" }, page.Texts("judgements", "verdict"));
        Assert.AreSequenceEqual(new[] { -0.01, double.NaN }, page.Array<double>("judgements.shuffled_slope"));
        Assert.AreSequenceEqual(new[] { 0.001, double.NaN }, page.Array<double>("judgements.letter_vector_slope"));
        Assert.AreSequenceEqual(new[] { double.NaN, double.NaN }, page.Array<double>("judgements.questions"));
        Assert.AreSequenceEqual(new[] { "A", "B" }, page.Texts("letters", "letter"));
        Assert.AreSequenceEqual(new[] { 0.75, -0.25 }, page.Array<double>("letters.mean_slope"));
        Assert.AreEqual(0, page.Header.GetProperty("extraction").GetProperty("rows").GetInt32());
    }

    [TestMethod]
    public void RequireSize_MoreCellsThanAPageHolds_IsRefused()
    {
        SweepPage.RequireSize((256 << 20) / 56);
        PageException refusal = Assert.ThrowsExactly<PageException>(() => SweepPage.RequireSize(((256 << 20) / 56) + 1));
        Assert.Contains("Ask for fewer samples, vectors, layers, sites or multipliers, or leave --html out", refusal.Message);
    }

    [TestMethod]
    public void Write_HostileNames_AddNothingToTheProgram()
    {
        SweepPage.Write(_folder["a.html"], SweepSamples.Report, Qualities);
        PageTables.AssertProgramAlone(_folder["a.html"], "sweep");
    }

    [TestMethod]
    public void Write_ManySamples_StaysSmall()
    {
        SweepReport report = PlotSamples.Samples(200);
        SweepCsvWriter.Write(_folder["csv"], report);
        SweepPage.Write(_folder["a.html"], report, []);

        long data = new FileInfo(_folder["a.html"]).Length - PageFile.Program("sweep").Length;
        Assert.IsLessThan(new FileInfo(_folder["csv/samples.csv"]).Length / 3, data);
    }

    [TestMethod]
    public void Write_CurveThatDoesNotFit_IsRefused()
    {
        SweepReport report = SweepSamples.Report with { Summaries = [SweepSamples.Full with { Curve = [1] }] };
        Assert.ThrowsExactly<ArgumentException>(() => SweepPage.Write(_folder["a.html"], report, []));
        Assert.IsEmpty(_folder.Names);
    }
}
