using OnnxLens.Bundles;
using OnnxLens.Eval.Gates;
using OnnxLens.Eval.Statistics;
using OnnxLens.Testing;
using static OnnxLens.Eval.Tests.Gates.GateFixtures;

namespace OnnxLens.Eval.Tests.Gates;

[TestClass]
public sealed class GateFileTests
{
    private const string Summary = """
        {
          "provenance": { "bundle_hash": "abc", "tool": "onnxlens", "multipliers": [-1, 1] },
          "summaries": [
            { "dataset": "sweet", "vector": "sweet", "site": "mlp_in", "layer": 4, "samples": 160, "mean_slope": 1.61, "ci_low": 1.58, "ci_high": 1.64,
              "curve_slope": 1.61, "curve_r2": null, "mean_spearman": 1, "anti_steerable": 0.1, "monotonic": 1, "control_slope_mean": null,
              "control_slope_sd": null, "kl": null, "perplexity_ratio": null, "verdict": "works", "curve": [1, 2] }
          ]
        }
        """;

    private const string Baseline = """
        {
          "tolerance": 0.2,
          "entries": [
            { "dataset": "sweet", "vector": "sweet", "site": "mlp_in", "layer": 4, "samples": 160, "mean_slope": 1.61, "anti_steerable": 0.1 }
          ]
        }
        """;

    [TestMethod]
    public void Read_Summary_TakesWhatAGateNeedsAndIgnoresTheRest()
    {
        using var folder = new TempFolder();
        SummaryFile file = SummaryFile.Read(Written(folder, Summary));
        Assert.AreEqual("abc", file.BundleHash);
        Assert.AreEqual("-1,1", file.Multipliers);
        Assert.AreEqual(Result(), file.Entries.Single());
        Assert.AreEqual(1.5, SummaryFile.Read(Written(folder, Summary.Replace("\"perplexity_ratio\": null", "\"perplexity_ratio\": 1.5"))).Entries.Single().PerplexityRatio);
    }

    [TestMethod]
    public void Read_SummaryWithoutIntervalOrProvenance_LeavesThemUnknown()
    {
        using var folder = new TempFolder();
        string text = Summary.Replace("1.58", "null").Replace("\"ci_high\": 1.64,", "").Replace("\"provenance\"", "\"other\"");
        SummaryFile file = SummaryFile.Read(Written(folder, "\uFEFF" + text));
        Assert.IsNull(file.BundleHash);
        Assert.AreEqual(Result() with { CiLow = null, CiHigh = null }, file.Entries.Single());
    }

    [TestMethod]
    [DataRow("1.61, \"ci_low\"", "null, \"ci_low\"", "summaries[0] has null as 'mean_slope' where a number was expected")]
    [DataRow("1.61, \"ci_low\"", "\"1.61\", \"ci_low\"", "has a text as 'mean_slope' where a finite number was expected")]
    [DataRow("1.61, \"ci_low\"", "1e999, \"ci_low\"", "has 1e999 as 'mean_slope' where a finite number was expected")]
    [DataRow("1.61, \"ci_low\"", "NaN, \"ci_low\"", "is no JSON")]
    [DataRow("\"mean_slope\"", "\"slope\"", "has no 'mean_slope'; a number was expected")]
    [DataRow("\"layer\": 4", "\"layer\": 4.5", "has 4.5 as 'layer' where a whole number from 0 was expected")]
    [DataRow("\"layer\": 4", "\"layer\": -1", "has -1 as 'layer'")]
    [DataRow("\"samples\": 160", "\"samples\": 0", "has 0 as 'samples' where a whole number from 1")]
    [DataRow("\"anti_steerable\": 0.1", "\"anti_steerable\": 1.1", "has 1.1 as 'anti_steerable' where a number from 0 to 1")]
    [DataRow("mlp_in", "nowhere", "has the site 'nowhere'; sites are resid_pre, attn_in")]
    [DataRow("\"dataset\": \"sweet\"", "\"dataset\": \"\"", "has a text as 'dataset' where a text that is not empty")]
    [DataRow("\"dataset\": \"sweet\"", "\"dataset\": \"\\ud800\"", "is no JSON")]
    [DataRow("\"dataset\": \"sweet\"", "\"dataset\": \"a\", \"dataset\": \"b\"", "is no JSON")]
    [DataRow("\"summaries\": [", "\"summaries\": [ 3,", "summaries[0] is 3 where an object was expected")]
    [DataRow("\"summaries\"", "\"summary\"", "has no 'summaries'; an array was expected")]
    [DataRow("{ \"bundle_hash\": \"abc\",", "{ \"bundle_hash\": 7,", "provenance has 7 as 'bundle_hash' where a text was expected")]
    public void Read_BadSummary_SaysWhatAndWhere(string old, string replacement, string fragment) => AssertRefused(Summary.Replace(old, replacement), fragment, SummaryFile.Read);

    [TestMethod]
    [DataRow("", "is empty")]
    [DataRow("[]", "is an array where an object was expected")]
    [DataRow("null", "is null where an object was expected")]
    [DataRow("{", "is no JSON")]
    public void Read_NoObject_IsRefused(string text, string fragment)
    {
        AssertRefused(text, fragment, SummaryFile.Read);
        AssertRefused(text, fragment, BaselineFile.Read);
    }

    [TestMethod]
    public void Read_EntryTwice_IsRefused()
    {
        string entry = Summary[(Summary.IndexOf("[\n", StringComparison.Ordinal) + 1)..Summary.LastIndexOf(']')];
        AssertRefused(Summary.Replace(entry, $"{entry},{entry}"), "has 'sweet' at mlp_in.4 on 'sweet' twice", SummaryFile.Read);
        entry = Baseline[(Baseline.IndexOf("[\n", StringComparison.Ordinal) + 1)..Baseline.LastIndexOf(']')];
        AssertRefused(Baseline.Replace(entry, $"{entry},{entry}"), "has 'sweet' at mlp_in.4 on 'sweet' twice", BaselineFile.Read);
    }

    [TestMethod]
    public void Read_FileThatIsNotThere_SaysWhatToDo()
    {
        using var folder = new TempFolder();
        Assert.Contains("onnxlens gate --update", Assert.ThrowsExactly<EvalException>(() => BaselineFile.Read(folder["none.json"])).Message);
        Assert.Contains("onnxlens sweep --out DIR", Assert.ThrowsExactly<EvalException>(() => SummaryFile.Read(folder["none.json"])).Message);
    }

    [TestMethod]
    public void Read_BaselineByHand_FillsInTheUsual()
    {
        using var folder = new TempFolder();
        GateBaseline baseline = BaselineFile.Read(Written(folder, Baseline));
        Assert.AreEqual(0.2, baseline.Tolerance);
        Assert.AreEqual(0.05, baseline.AntiSteerableAllowance);
        Assert.IsFalse(baseline.RequireBundle);
        Assert.AreEqual(Entry(), baseline.Entries.Single());
    }

    [TestMethod]
    [DataRow("\"tolerance\": 0.2", "\"tolerence\": 0.2", "has the member 'tolerence', which means nothing here")]
    [DataRow("\"tolerance\": 0.2", "\"tolerance\": -0.2", "has -0.2 as 'tolerance' where a number that is not negative")]
    [DataRow("\"tolerance\": 0.2", "\"anti_steerable_allowance\": 5", "has 5 as 'anti_steerable_allowance' where a number from 0 to 1")]
    [DataRow("\"tolerance\": 0.2", "\"require_bundle\": \"yes\"", "has a text as 'require_bundle' where true or false")]
    [DataRow("\"tolerance\": 0.2", "\"require_bundle\": true", "has no 'bundle_hash'; the hash of the bundle that 'require_bundle' asks for")]
    [DataRow("\"samples\": 160", "\"samples\": 160, \"interval\": [2, 1]", "has an array as 'interval' where two numbers, the lower first")]
    [DataRow("\"samples\": 160", "\"samples\": 160, \"interval\": [1, null]", "has an array as 'interval'")]
    [DataRow("\"samples\": 160", "\"samples\": 160, \"interval\": [1]", "has an array as 'interval'")]
    [DataRow("\"samples\": 160", "\"samples\": 160, \"max_anti_steerable\": -1", "has -1 as 'max_anti_steerable'")]
    [DataRow("\"samples\": 160", "\"samples\": 160, \"max_perplexity_ratio\": 0", "has 0 as 'max_perplexity_ratio' where a number above 0")]
    [DataRow("\"tolerance\": 0.2", "\"max_perplexity_ratio\": \"low\"", "has a text as 'max_perplexity_ratio' where a finite number")]
    [DataRow("\"samples\": 160", "\"samples\": 160, \"max_anti\": 1", "entries[0] has the member 'max_anti'")]
    [DataRow("\"mean_slope\": 1.61", "\"mean_slope\": null", "entries[0] has null as 'mean_slope' where a number")]
    [DataRow("\"mean_slope\": 1.61", "\"mean_slope\": NaN", "is no JSON")]
    public void Read_BadBaseline_SaysWhatAndWhere(string old, string replacement, string fragment) => AssertRefused(Baseline.Replace(old, replacement), fragment, BaselineFile.Read);

    [TestMethod]
    public void Write_EveryMember_ReadsBackTheSame()
    {
        using var folder = new TempFolder();
        GateBaseline baseline = new()
        {
            BundleHash = "abc",
            RequireBundle = true,
            Tolerance = 0.3,
            AntiSteerableAllowance = 0.02,
            MaxPerplexityRatio = 2,
            Entries =
            [
                Entry() with { Tolerance = 0.1, Interval = new Interval(-1, 2.5), MaxAntiSteerable = 0.2, MaxPerplexityRatio = 1.25, MeanSlope = 1.0 / 3 },
                Entry(vector: "größer \"x\"") with { Key = new GateKey("a|b", "größer \"x\"", new HookPoint(Site.ResidPost, 0)) },
            ],
        };
        BaselineFile.Write(folder["b.json"], baseline);
        GateBaseline read = BaselineFile.Read(folder["b.json"]);
        Assert.AreSequenceEqual(baseline.Entries, read.Entries);
        Assert.AreEqual(baseline with { Entries = read.Entries }, read);
        string text = File.ReadAllText(folder["b.json"]);
        Assert.EndsWith("}\n", text);
        Assert.DoesNotContain("\r", text);
        Assert.Contains("größer", text);
    }

    private static string Written(TempFolder folder, string text)
    {
        File.WriteAllText(folder["file.json"], text);
        return folder["file.json"];
    }

    private static void AssertRefused<T>(string text, string fragment, Func<string, T> read)
    {
        using var folder = new TempFolder();
        string path = Written(folder, text);
        EvalException failure = Assert.ThrowsExactly<EvalException>(() => read(path));
        Assert.Contains(fragment, failure.Message);
        Assert.Contains("file.json'", failure.Message);
    }
}
