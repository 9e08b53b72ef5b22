using System.Text.Json;
using OnnxLens.Eval.Drift;
using OnnxLens.Reports.Drift;
using OnnxLens.Reports.Pages;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class DriftPageTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Write_Tables_AreThoseOfTheCsvFilesBitForBit(bool exact)
    {
        DriftReport report = DriftSamples.Report(exact: exact);
        SweepSamples.UnderCommas(() => DriftPage.Write(_folder["new/a.html"], report));
        DriftWriter.Write(_folder["csv"], report);

        PageContent page = PageContent.Read(_folder["new/a.html"]).Single();
        foreach (string table in new[] { "drift", "drift_positions", "drift_slopes", "drift_samples" })
            page.AssertTable(table, _folder[$"csv/{table}.csv"]);
    }

    [TestMethod]
    public void Write_Header_HoldsBothSidesTheOutputAndAllTexts()
    {
        DriftReport report = DriftSamples.Report();
        DriftPage.Write(_folder["a.html"], report);
        DriftWriter.Write(_folder["csv"], report);
        JsonElement header = PageContent.Read(_folder["a.html"]).Single().Header;
        using var written = JsonDocument.Parse(File.ReadAllBytes(_folder["csv/drift.json"]));

        Assert.AreEqual("drift", header.GetProperty("kind").GetString());
        Assert.IsTrue(JsonElement.DeepEquals(written.RootElement.GetProperty("provenance"), header.GetProperty("provenance")));
        Assert.AreEqual(("resid_post", 3), (header.GetProperty("final").GetProperty("site").GetString(), header.GetProperty("final").GetProperty("layer").GetInt32()));
        Assert.AreEqual(0.05, header.GetProperty("cosine_quantile").GetDouble());
        Assert.AreEqual(0.9, header.GetProperty("interval_level").GetDouble());
        Assert.IsFalse(header.GetProperty("looks_like_two_models").GetBoolean());
        Assert.AreSequenceEqual(
            new[] { ("7", "t,7"), ("10", "t,10"), ("11", "t,11"), ("12", "t,12") },
            header.GetProperty("texts").EnumerateObject().Select(text => (text.Name, text.Value.GetString()!)).ToArray());
    }

    [TestMethod]
    public void Write_WithoutSlopes_HasEmptyTables()
    {
        DriftPage.Write(_folder["a.html"], DriftSamples.Report(slopes: false));
        JsonElement header = PageContent.Read(_folder["a.html"]).Single().Header;
        Assert.AreEqual(0, header.GetProperty("drift_slopes").GetProperty("rows").GetInt32());
        Assert.AreEqual(JsonValueKind.Null, header.GetProperty("interval_level").ValueKind);
    }

    [TestMethod]
    public void RequireSize_MoreCellsThanAPageHolds_IsRefused()
    {
        DriftPage.RequireSize((256 << 20) / 140);
        PageException refusal = Assert.ThrowsExactly<PageException>(() => DriftPage.RequireSize(((256 << 20) / 140) + 1));
        Assert.Contains("Ask for fewer prompts, positions, layers or sites, or leave --html out", refusal.Message);
    }

    [TestMethod]
    public void Write_HostileTokens_AddNothingToTheProgram()
    {
        DriftPage.Write(_folder["a.html"], DriftSamples.Report() with { TokenText = id => Samples.Texts[id % 7] + "</script><img src=x onerror=alert(1)>" });
        PageTables.AssertProgramAlone(_folder["a.html"], "drift");
    }

    [TestMethod]
    public void Write_MeansNoFile_IsRefused() =>
        Assert.ThrowsExactly<OutputException>(() => DriftPage.Write(_folder[""], DriftSamples.Report()));
}
