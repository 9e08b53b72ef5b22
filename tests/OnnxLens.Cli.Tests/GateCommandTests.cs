using System.Xml.Linq;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

[TestClass]
public sealed class GateCommandTests
{
    private const string Summary = """
        {
          "provenance": { "bundle_hash": "abc" },
          "summaries": [
            { "dataset": "sweet", "vector": "sweet", "site": "mlp_in", "layer": 4, "samples": 160, "mean_slope": 1.61, "ci_low": 1.58, "ci_high": 1.64, "perplexity_ratio": 1.2, "anti_steerable": 0 },
            { "dataset": "bold", "vector": "sweet", "site": "resid_post", "layer": 5, "samples": 80, "mean_slope": -0.2, "ci_low": null, "ci_high": null, "anti_steerable": 0.75 }
          ]
        }
        """;

    [TestMethod]
    public void Gate_BaselineFromTheResult_HoldsIt()
    {
        using CliRunner runner = WithBaseline();
        CliOutcome outcome = Gate(runner).Expect(ExitCodes.Done);
        Assert.AreEqual("", outcome.Error);
        Assert.AreSequenceEqual(
            new[]
            {
                "dataset, vector, point      slope  baseline  tolerance  anti  allowed",
                "sweet, sweet, mlp_in.4      1.610     1.610      0.100   0 %      5 %  ok",
                "bold, sweet, resid_post.5  -0.200    -0.200      0.100  75 %     80 %  ok",
                "",
                "gate passed: 2 of 2 entries hold",
            },
            outcome.Lines);
    }

    [TestMethod]
    [DataRow("1.61", "1.2", "mean slope 1.200 is 0.410 below the baseline's 1.610")]
    [DataRow("\"anti_steerable\": 0 ", "\"anti_steerable\": 0.2 ", "20 % of the samples are anti-steerable, where 5 % is allowed")]
    [DataRow("160", "159", "159 samples, where the baseline has 160")]
    [DataRow("\"layer\": 4", "\"layer\": 3", "'sweet' at mlp_in.4 on 'sweet': the result has no such entry")]
    public void Gate_ResultThatDoesNotHold_EndsWithThreeAndWritesItsReports(string old, string replacement, string reason)
    {
        using CliRunner runner = WithBaseline();
        File.WriteAllText(runner["summary.json"], Summary.Replace(old, replacement));
        CliOutcome outcome = Gate(runner, "--junit", runner["new/gate.xml"], "--markdown", runner["gate.md"]).Expect(ExitCodes.GateFailed);
        Assert.Contains("FAILED: ", outcome.Out);
        Assert.Contains(reason, outcome.Out);
        Assert.AreEqual("gate failed: 1 of 2 entries hold", outcome.Lines[^1]);
        Assert.Contains("wrote ", outcome.Error);
        XElement suite = XDocument.Load(runner["new/gate.xml"]).Root!.Element("testsuite")!;
        Assert.AreEqual("1", suite.Attribute("failures")!.Value);
        Assert.HasCount(1, suite.Descendants("failure"));
        Assert.StartsWith("## Steering gate failed: 1 of 2 entries hold\n", File.ReadAllText(runner["gate.md"]));
    }

    [TestMethod]
    public void Gate_IntervalByHand_FailsOutsideIt()
    {
        using CliRunner runner = WithBaseline();
        Replace(runner, "\"mean_slope\": 1.61,", "\"mean_slope\": 1.61, \"interval\": [1.62, 2],");
        Assert.Contains("mean slope 1.610 is outside the interval [1.620, 2.000]", Gate(runner).Expect(ExitCodes.GateFailed).Out);
    }

    [TestMethod]
    public void Gate_LimitOfPerplexity_HoldsTheCost()
    {
        using CliRunner runner = WithBaseline();
        Replace(runner, "\"mean_slope\": 1.61,", "\"mean_slope\": 1.61, \"max_perplexity_ratio\": 1.25,");
        string[] table = [.. Gate(runner).Expect(ExitCodes.Done).Lines.Take(3).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.EndsWith("allowed perplexity at most", table[0]);
        Assert.Contains("5 % × 1.20 × 1.25 ok", table[1]);
        Assert.EndsWith("missing ok", table[2]);
        Replace(runner, "1.25", "1.1");
        Assert.Contains("FAILED: 'sweet' at mlp_in.4 on 'sweet': the perplexity of ordinary text is × 1.20 at multiplier 1, where × 1.10 is allowed", Gate(runner).Expect(ExitCodes.GateFailed).Out);
        Replace(runner, "\"anti_steerable_allowance\"", "\"max_perplexity_ratio\": 3, \"anti_steerable_allowance\"");
        Assert.Contains("FAILED: 'sweet' at resid_post.5 on 'bold': the perplexity of ordinary text was not measured, where at most × 3.00 is allowed; sweep with --text", Gate(runner).Expect(ExitCodes.GateFailed).Out);
    }

    [TestMethod]
    public void Gate_OtherBundle_WarnsOrFails()
    {
        using CliRunner runner = WithBaseline();
        File.WriteAllText(runner["summary.json"], Summary.Replace("\"abc\"", "\"xyz\""));
        Assert.Contains("warning: the result is of the bundle xyz, the baseline of abc", Gate(runner).Expect(ExitCodes.Done).Out);
        Replace(runner, "\"require_bundle\": false", "\"require_bundle\": true");
        Assert.Contains("FAILED: the result is of the bundle xyz, the baseline of abc", Gate(runner).Expect(ExitCodes.GateFailed).Out);
    }

    [TestMethod]
    public void Gate_OtherMultipliers_AreBadDataUntilUpdated()
    {
        using CliRunner runner = WithBaseline();
        SweptOver("[-1, 0, 1]");
        Gate(runner, "--update").Expect(ExitCodes.Done);
        Gate(runner).Expect(ExitCodes.Done);
        SweptOver("[-2, 0, 2]");
        Gate(runner).ExpectError(ExitCodes.BadData, "was swept over the multipliers -2,0,2, the baseline over -1,0,1");
        Assert.Contains("multipliers: -1,0,1 → -2,0,2", Gate(runner, "--update").Expect(ExitCodes.Done).Out);
        Gate(runner).Expect(ExitCodes.Done);

        void SweptOver(string grid) => File.WriteAllText(runner["summary.json"], Summary.Replace("\"abc\"", $"\"abc\", \"multipliers\": {grid}"));
    }

    [TestMethod]
    public void Gate_NewEntry_IsListed()
    {
        using CliRunner runner = WithBaseline();
        string baseline = File.ReadAllText(runner["baseline.json"]);
        File.WriteAllText(runner["baseline.json"], baseline[..baseline.LastIndexOf("    {", StringComparison.Ordinal)].TrimEnd().TrimEnd(',') + "]}");
        Assert.Contains("new, not held: 'sweet' at resid_post.5 on 'bold': slope -0.200", Gate(runner).Expect(ExitCodes.Done).Out);
    }

    [TestMethod]
    public void Update_OldBaseline_KeepsTolerancesAndPrintsWhatChanged()
    {
        using CliRunner runner = WithBaseline();
        Replace(runner, "\"mean_slope\": 1.61,", "\"mean_slope\": 1.61, \"tolerance\": 0.25,");
        File.WriteAllText(runner["summary.json"], Summary.Replace("1.61", "1.2"));
        CliOutcome outcome = Gate(runner, "--update").Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(
            new[] { "changed 'sweet' at mlp_in.4 on 'sweet': slope 1.610 → 1.200", $"wrote: 2 entries in {runner["baseline.json"]}" }, outcome.Lines);
        Assert.Contains("\"tolerance\": 0.25", File.ReadAllText(runner["baseline.json"]));
        Gate(runner).Expect(ExitCodes.Done);
        Assert.StartsWith("nothing changed: 2 entries", Gate(runner, "--update").Expect(ExitCodes.Done).Out);
    }

    [TestMethod]
    public void Update_BadFiles_LeaveTheBaselineAsItIs()
    {
        using CliRunner runner = WithBaseline();
        string before = File.ReadAllText(runner["baseline.json"]);
        File.WriteAllText(runner["summary.json"], Summary.Replace("1.61", "null"));
        Gate(runner, "--update").ExpectError(ExitCodes.BadData, "has null as 'mean_slope'");
        Assert.AreEqual(before, File.ReadAllText(runner["baseline.json"]));
        File.WriteAllText(runner["summary.json"], Summary);
        File.WriteAllText(runner["baseline.json"], "{ broken");
        Gate(runner, "--update").ExpectError(ExitCodes.BadData, "baseline.json' is no JSON");
        Assert.AreEqual("{ broken", File.ReadAllText(runner["baseline.json"]));
    }

    [TestMethod]
    public void Gate_FilesThatCannotBeRead_AreBadData()
    {
        using CliRunner runner = WithBaseline();
        File.WriteAllText(runner["summary.json"], Summary.Replace("1.61", "NaN"));
        Gate(runner, "--junit", runner["gate.xml"]).ExpectError(ExitCodes.BadData, "summary.json' is no JSON");
        Assert.IsFalse(File.Exists(runner["gate.xml"]));
        File.Delete(runner["baseline.json"]);
        Gate(runner).ExpectError(ExitCodes.BadData, "baseline.json' cannot be read");
        Gate(runner, "--junit", runner["summary.json/x.xml"]).ExpectError(ExitCodes.BadData, "is a file");
        runner.Invoke("gate", "--baseline", "", "--result", runner["summary.json"]).ExpectError(ExitCodes.Usage, "is empty");
    }

    [TestMethod]
    public void Gate_NarrowTerminal_KeepsTheVerdict()
    {
        using CliRunner runner = WithBaseline(width: 40);
        CliOutcome outcome = Gate(runner).Expect(ExitCodes.Done);
        Assert.IsLessThanOrEqualTo(40, outcome.Lines.Max(line => line.Length));
        Assert.Contains("ok", outcome.Lines[1]);
    }

    [TestMethod]
    public void Baseline_InTheReadme_IsReadAndHeld()
    {
        string readme = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "eval", "README.md"));
        string baseline = readme[(readme.IndexOf("```json\n", StringComparison.Ordinal) + "```json\n".Length)..];
        using CliRunner runner = WithBaseline();
        File.WriteAllText(runner["baseline.json"], baseline[..baseline.IndexOf("```", StringComparison.Ordinal)]);
        Assert.Contains("gate passed: 1 of 1 entries hold", Gate(runner).Expect(ExitCodes.Done).Out);
    }

    private static CliRunner WithBaseline(int? width = null)
    {
        var runner = new CliRunner { TerminalWidth = width };
        File.WriteAllText(runner["summary.json"], Summary);
        CliOutcome outcome = Gate(runner, "--update").Expect(ExitCodes.Done);
        Assert.Contains("added 'sweet' at mlp_in.4 on 'sweet': slope 1.610, 0 % anti-steerable, 160 samples", outcome.Out);
        return runner;
    }

    private static CliOutcome Gate(CliRunner runner, params string[] more) =>
        runner.Invoke(["gate", "--baseline", runner["baseline.json"], "--result", runner["summary.json"], .. more]);

    private static void Replace(CliRunner runner, string old, string replacement)
    {
        string text = File.ReadAllText(runner["baseline.json"]);
        Assert.Contains(old, text);
        File.WriteAllText(runner["baseline.json"], text.Replace(old, replacement));
    }
}
