using System.Text;
using System.Xml.Linq;
using OnnxLens.Bundles;
using OnnxLens.Eval.Gates;
using static OnnxLens.Eval.Tests.Gates.GateFixtures;

namespace OnnxLens.Eval.Tests.Gates;

/// <summary>What a gate writes, read back.</summary>
[TestClass]
public sealed class GateReportTests
{
    private static readonly GateReport Mixed = Gate.Check(
        Baseline(Entry(), Entry(layer: 5)) with { BundleHash = "other", RequireBundle = true },
        Summary(Result(), Result(layer: 5) with { MeanSlope = 0.2, AntiSteerable = 0.5 }, Result(vector: "fresh")));

    [TestMethod]
    public void JUnit_MixedReport_HasOneCaseAnEntry()
    {
        XElement suite = JUnit(Mixed).Root!.Elements().Single();
        Assert.AreEqual("testsuite", suite.Name.LocalName);
        Assert.AreEqual("3", suite.Attribute("tests")!.Value);
        Assert.AreEqual("2", suite.Attribute("failures")!.Value);
        Assert.AreEqual("0", suite.Attribute("errors")!.Value);
        Assert.AreEqual("2026-01-02T03:04:05", suite.Attribute("timestamp")!.Value);
        Assert.AreSequenceEqual(
            new[] { "properties", "testcase", "testcase", "testcase", "system-out", "system-err" },
            suite.Elements().Select(element => element.Name.LocalName));
        XElement[] cases = [.. suite.Elements("testcase")];
        Assert.AreSequenceEqual(new[] { "bundle", "sweet at mlp_in.4", "sweet at mlp_in.5" }, cases.Select(test => test.Attribute("name")!.Value));
        Assert.IsTrue(cases.All(test => test.Attribute("classname")!.Value.StartsWith("onnxlens.gate", StringComparison.Ordinal) && test.Attribute("time") is not null));
        Assert.IsFalse(cases[1].HasElements);
        Assert.AreEqual("OtherBundle", cases[0].Element("failure")!.Attribute("type")!.Value);
        XElement failure = cases[2].Elements().Single();
        Assert.AreEqual("SlopeOutsideTolerance AntiSteerableGrew", failure.Attribute("type")!.Value);
        Assert.StartsWith("mean slope 0.200 is 1.410 below the baseline's 1.610, where 0.100 is allowed; 50 % of the samples", failure.Attribute("message")!.Value);
        Assert.Contains("new: 'fresh' at mlp_in.4 on 'sweet'", suite.Element("system-out")!.Value);
    }

    [TestMethod]
    public void JUnit_BundleThatIsNotRequired_IsNoCase()
    {
        GateReport report = Gate.Check(Baseline(Entry()) with { BundleHash = "other" }, Summary(Result()));
        XElement suite = JUnit(report).Root!.Elements().Single();
        Assert.HasCount(1, suite.Elements("testcase"));
        Assert.Contains("the result is of the bundle abc, the baseline of other", suite.Element("system-out")!.Value);
    }

    [TestMethod]
    public void JUnit_NamesThatXmlCannotHold_AreStillWritten()
    {
        var key = new GateKey("<a>&\"\u0001\uFFFE", "😀\n", new HookPoint(Site.MlpIn, 4));
        XElement test = JUnit(Gate.Check(Baseline(Entry() with { Key = key }), Summary())).Descendants("testcase").Single();
        Assert.AreEqual("onnxlens.gate.<a>&\"\uFFFD\uFFFD", test.Attribute("classname")!.Value);
        Assert.StartsWith("😀\n at ", test.Attribute("name")!.Value);
    }

    [TestMethod]
    public void Markdown_MixedReport_IsATableWithReasons()
    {
        string[] lines = Markdown(Mixed).Split('\n');
        Assert.AreEqual("## Steering gate failed: 1 of 2 entries hold, of another bundle", lines[0]);
        Assert.AreEqual(@"| ok | sweet | sweet | mlp\_in.4 | 1.610 \[1.580, 1.640\] | 1.610 | 0.100 | 10 % | 15 % |", lines[4]);
        Assert.StartsWith(@"| **failed** | sweet | sweet | mlp\_in.5 | 0.200", lines[5]);
        Assert.AreEqual("- **failed**: the result is of the bundle abc, the baseline of other", lines[7]);
        Assert.StartsWith(@"- **failed**: 'sweet' at mlp\_in.5 on 'sweet': mean slope 0.200 is", lines[8]);
        Assert.StartsWith(@"- 'fresh' at mlp\_in.4 on 'sweet': slope 1.610", lines[12]);
    }

    [TestMethod]
    public void Markdown_LimitOfPerplexity_HasColumnsOfIt()
    {
        string[] lines = Markdown(Gate.Check(Baseline(Entry() with { MaxPerplexityRatio = 1.5 }, Entry(layer: 5)), Summary(Result() with { PerplexityRatio = 1.14 }, Result(layer: 5)))).Split('\n');
        Assert.EndsWith("| allowed | perplexity | at most |", lines[2]);
        Assert.EndsWith("---:|---:|", lines[3]);
        Assert.EndsWith("| 15 % | × 1.14 | × 1.50 |", lines[4]);
        Assert.EndsWith("| 15 % | missing |  |", lines[5]);
        Assert.AreEqual(lines[2].Count(letter => letter == '|'), lines[4].Count(letter => letter == '|'));
    }

    [TestMethod]
    public void Markdown_NamesThatActOnATable_AreTakenLiterally()
    {
        var key = new GateKey("a|b\n<script>", "v", new HookPoint(Site.MlpIn, 4));
        string row = Markdown(Gate.Check(Baseline(Entry() with { Key = key }), Summary())).Split('\n')[4];
        Assert.StartsWith(@"| **failed** | a\|b &lt;script&gt; | v | mlp\_in.4 | missing |", row);
    }

    private static XDocument JUnit(GateReport report)
    {
        using var stream = new MemoryStream();
        GateJUnit.Write(stream, report, new DateTimeOffset(2026, 1, 2, 4, 4, 5, TimeSpan.FromHours(1)));
        Assert.AreEqual((byte)'<', stream.GetBuffer()[0]);
        stream.Position = 0;
        return XDocument.Load(stream);
    }

    private static string Markdown(GateReport report)
    {
        using var stream = new MemoryStream();
        GateMarkdown.Write(stream, report);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
