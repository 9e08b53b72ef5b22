using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.PageFixtures;
using OnnxLens.Reports.Pages;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class LensPageTests(TestContext context) : IDisposable
{
    private const int Megabyte = 1_000_000;

    private readonly TestFolder _folder = new();

    private string Page => _folder["page.html"];

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_Report_HoldsTheGridBitForBit()
    {
        LensReport report = Samples.Report(6, 2);
        LensPage.Write(Page, report);
        PageContent run = PageContent.Read(Page).Single();
        LensGrid grid = report.Grid;
        AssertSameBits(grid.TopLogProbs, run.Array<float>("top_logprobs"));
        AssertSameBits(grid.LogSumExp, run.Array<float>("logsumexp"));
        AssertSameBits(grid.Entropy, run.Array<float>("entropy"));
        AssertSameBits(grid.KlFinalLens, run.Array<float>("kl_final_lens"));
        AssertSameBits(grid.NextLogProbs, run.Array<float>("next_logprobs"));
        AssertSameBits(grid.TargetLogProbs, run.Array<float>("target_logprobs"));
        Assert.AreSequenceEqual(grid.TopIds, run.Array<int>("top_ids"));
        Assert.AreSequenceEqual(grid.NextRanks, run.Array<int>("next_ranks"));
        Assert.AreSequenceEqual(grid.TargetRanks, run.Array<int>("target_ranks"));
        Assert.AreSequenceEqual([0, 3, 7], run.Array<int>("positions"));
        Assert.AreSequenceEqual([6, 2], run.Array<int>("targets"));
        Assert.HasCount(11, run.Names);
    }

    [TestMethod]
    public void Write_Report_HeaderSaysWhatTheArraysAre()
    {
        LensPage.Write(Page, Samples.Report(6));
        JsonElement header = PageContent.Read(Page).Single().Header;
        Assert.AreEqual("lens", header.GetProperty("kind").GetString());
        Assert.AreEqual(1, header.GetProperty("format").GetInt32());
        Assert.AreEqual(3, header.GetProperty("top_k").GetInt32());
        Assert.AreEqual(4, header.GetProperty("sequence").GetInt32());
        Assert.AreSequenceEqual(["resid_post.0 True", "mlp_out.1 False", "resid_post.1 True"], header.GetProperty("points").EnumerateArray().Select(point => $"{point.GetProperty("site")}.{point.GetProperty("layer")} {point.GetProperty("residual")}").ToArray());
        Assert.AreSequenceEqual(Samples.Texts.Select((_, id) => $"{id} {(id < 5 ? "prompt" : "generated")}").ToArray(), header.GetProperty("tokens").EnumerateArray().Select(token => $"{token.GetProperty("id")} {token.GetProperty("phase")}").ToArray());
        Assert.AreSequenceEqual(Samples.Texts.ToArray(), header.GetProperty("texts").EnumerateObject().Select(text => text.Value.GetString()!).ToArray());
        Assert.AreEqual(Samples.Provenance.Prompt, header.GetProperty("provenance").GetProperty("prompt").GetString());
        Assert.AreEqual("mlp_in.3", header.GetProperty("provenance").GetProperty("steering")[0].GetProperty("point").GetString());
    }

    [TestMethod]
    public void Write_SteeredReport_SaysAtWhichPositionsOfTheGrid()
    {
        LensReport report = new FixtureLens { Tokens = 12, Prompt = 8, Layers = 2, Positions = [0, 2, 3, 4, 7, 8, 10] }.Make();
        SteeringRecord Steered(string positions) => new("bold.safetensors", new string('c', 64), "mlp_in.1", "add", "1.5", positions, 1);
        LensPage.Write(Page, report with { Provenance = report.Provenance with { Steering = [Steered("label"), Steered("all"), Steered("1,3-9"), Steered("5"), Steered("where it helps")] } });
        JsonElement steered = PageContent.Read(Page).Single().Header.GetProperty("steered");
        Assert.AreEqual("[[[7,7]],[[0,0],[2,4],[7,8],[10,10]],[[3,4],[7,8]],[],null]", steered.GetRawText());
    }

    [TestMethod]
    public void Write_TokenizerThatKnows_NamesTheSpecialTokensOfThePage()
    {
        LensPage.Write(Page, Samples.Report() with { IsSpecial = id => id is 3 or 6 or 4711 });
        Assert.AreEqual("[3,6]", PageContent.Read(Page).Single().Header.GetProperty("special").GetRawText());
        LensPage.Write(Page, Samples.Report());
        Assert.AreEqual(JsonValueKind.Null, PageContent.Read(Page).Single().Header.GetProperty("special").ValueKind);
    }

    [TestMethod]
    public void Write_SameReport_IsTheSameBytesWithoutATime()
    {
        LensPage.Write(Page, Samples.Report(6));
        LensPage.Write(_folder["again.html"], Samples.Report(6));
        Assert.AreSequenceEqual(File.ReadAllBytes(Page), File.ReadAllBytes(_folder["again.html"]));
        byte[] packed = Convert.FromBase64String(PageContent.Texts(File.ReadAllText(Page)).Single());
        Assert.AreSequenceEqual(new byte[4], packed[4..8]);
    }

    [TestMethod]
    public void Write_HostileReport_IsTheProgramAndBase64Alone()
    {
        LensReport report = LensFixtures.Hostile();
        LensPage.Write(Page, report);
        string html = File.ReadAllText(Page);
        string text = PageContent.Texts(html).Single();
        Assert.MatchesRegex(new Regex("^[A-Za-z0-9+/]+={0,2}$"), text);
        Assert.AreEqual(PageFile.Program("lens").Replace("<!--onnxlens:runs-->\n", $"<script type=\"application/vnd.onnxlens.run\">{text}</script>\n", StringComparison.Ordinal), html);
        JsonElement texts = PageContent.Of(text).Header.GetProperty("texts");
        foreach (ReportToken token in report.Tokens.Where(token => !token.Text.Any(char.IsSurrogate)))
            Assert.AreEqual(token.Text, texts.GetProperty($"{token.Id}").GetString());
    }

    [TestMethod]
    public void Write_PositionsFarApart_AreKept()
    {
        LensReport report = new FixtureLens { Tokens = 100_000, Prompt = 99_000, Layers = 2, Positions = [0, 65_536, 99_999] }.Make();
        LensPage.Write(Page, report);
        PageContent run = PageContent.Read(Page).Single();
        Assert.AreSequenceEqual([0, 65_536, 99_999], run.Array<int>("positions"));
        Assert.AreEqual(100_000, run.Header.GetProperty("tokens").GetArrayLength());
        Assert.AreSequenceEqual([0, 65_536, 99_999], LensPageRun.Read(Page).Positions.ToArray());
    }

    [TestMethod]
    public void Write_ArrayOfSeveralPieces_IsWholeAndAligned()
    {
        float[] values = [.. Enumerable.Range(0, (2 << 20) + 7).Select(i => i * 0.5f)];
        var run = new PageRun("lens");
        run.Add("long", values.AsMemory());
        run.Add("behind", new double[] { 1, 2 }.AsMemory());
        using var text = new MemoryStream();
        run.Write(text);
        var read = PageContent.Of(Encoding.ASCII.GetString(text.ToArray()));
        AssertSameBits(values, read.Array<float>("long"));
        Assert.AreSequenceEqual([1.0, 2.0], read.Array<double>("behind"));
    }

    [TestMethod]
    public void RequireSize_MoreCellsThanAPageHolds_IsRefused()
    {
        const long most = (256 << 20) / (20 + (8 * 5) + (8 * 2));
        LensPage.RequireSize(most, topK: 5, targets: 2);
        PageException refusal = Assert.ThrowsExactly<PageException>(() => LensPage.RequireSize(most + 1, topK: 5, targets: 2));
        Assert.Contains("would hold 257 MiB of numbers, more than the 256 MiB that browsers open. Ask for fewer positions, layers, sites or targets, a smaller --top-k, or leave --html out", refusal.Message);
        Assert.ThrowsExactly<PageException>(() => LensPage.RequireSize(long.MaxValue / 100, topK: 5, targets: 2));
    }

    [TestMethod]
    public void RequireSize_BesideAnotherLens_CountsBoth()
    {
        LensPage.Write(Page, Samples.Report());
        var beside = LensPageRun.Read(Page);
        Assert.AreEqual((9 * (20 + (8 * 3))) + (3 * 4), beside.Bytes);
        const long most = (256 << 20) / (20 + 8);
        LensPage.RequireSize(most, topK: 1, targets: 0);
        PageException refusal = Assert.ThrowsExactly<PageException>(() => LensPage.RequireSize(most, topK: 1, targets: 0, beside));
        Assert.Contains("a smaller page after --beside (this one has 1 MiB)", refusal.Message);
    }

    [TestMethod]
    public void Write_MoreThanAPageHolds_WritesNothing()
    {
        var grid = new LensGrid([new(Site.ResidPost, 0), new(Site.ResidPost, 1)], [0, 3, 7], 6_000_000, []);
        LensReport report = Samples.Report() with { Grid = grid };
        Assert.ThrowsExactly<PageException>(() => LensPage.Write(Page, report));
        Assert.IsFalse(File.Exists(Page));
    }

    [TestMethod]
    public void Write_14Tokens80Layers_IsBelowAMegabyte()
    {
        LensPage.Write(Page, new FixtureLens { Targets = [10, 42] }.Make());
        Assert.IsLessThan(Megabyte, new FileInfo(Page).Length);
    }

    /// <summary>The data is some 57 MB: what is written is neither held as a whole nor copied.</summary>
    [TestMethod]
    public void Write_1500Tokens80Layers7Sites_IsBelow60MegabytesAndStreams()
    {
        LensReport report = new FixtureLens { Tokens = 1500, Prompt = 900, Sites = [.. Enum.GetValues<Site>()], Vocabulary = FixtureVocabulary.Words(32_000), Targets = [10] }.Make();
        long before = GC.GetAllocatedBytesForCurrentThread();
        LensPage.Write(Page, report);
        long written = GC.GetAllocatedBytesForCurrentThread() - before;
        long size = new FileInfo(Page).Length;
        context.WriteLine($"file {size} bytes, allocated for writing {written}");
        Assert.IsLessThan(60L * Megabyte, size);
        Assert.IsLessThan(30L * Megabyte, written);

        before = GC.GetAllocatedBytesForCurrentThread();
        LensPageRun run = LensPageRun.Read(Page);
        long read = GC.GetAllocatedBytesForCurrentThread() - before;
        context.WriteLine($"allocated for reading {read}");
        Assert.HasCount(560, run.Points);
        Assert.IsLessThan(size + (30L * Megabyte), read);
    }

    private static void AssertSameBits(float[] expected, float[] actual) =>
        Assert.AreSequenceEqual(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray());
}
