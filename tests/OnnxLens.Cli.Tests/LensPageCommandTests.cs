using System.Text.RegularExpressions;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Reports.Pages;
using OnnxLens.Testing;

namespace OnnxLens.Cli.Tests;

/// <summary><c>onnxlens lens --html</c> and <c>--beside</c>.</summary>
[TestClass]
public sealed partial class LensPageCommandTests : IDisposable
{
    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Lens_Html_HoldsTheCellsAskedFor()
    {
        CliOutcome outcome = Lens(["--layers", "1-3", "--positions", "0,2", "--html", _runner["deep/page.html"], "--csv", _runner["csv"]]).Expect(ExitCodes.Done);
        Assert.Contains($"wrote {_runner["deep/page.html"]}", outcome.Error);
        LensPageRun run = LensPageRun.Read(_runner["deep/page.html"]);
        Assert.AreSequenceEqual([("resid_post", 1), ("resid_post", 2), ("resid_post", 3)], run.Points.ToArray());
        Assert.AreSequenceEqual([0, 2], run.Positions.ToArray());
        Assert.IsTrue(File.Exists(_runner["csv/cells.csv"]));
    }

    [TestMethod]
    public void Lens_HtmlTwice_IsTheSameBytes()
    {
        Lens(["--html", _runner["a.html"]]).Expect(ExitCodes.Done);
        Lens(["--html", _runner["b.html"]]).Expect(ExitCodes.Done);
        Assert.AreSequenceEqual(File.ReadAllBytes(_runner["a.html"]), File.ReadAllBytes(_runner["b.html"]));
    }

    [TestMethod]
    public void Lens_BesideThePageThatIsReplaced_PutsItsFirstRunSecond()
    {
        string page = _runner["page.html"];
        Lens(["--html", page, "--layers", "0"]).Expect(ExitCodes.Done);
        string first = Runs(page).Single();
        Lens(["--html", page, "--beside", page]).Expect(ExitCodes.Done);
        string[] both = Runs(page);
        Assert.HasCount(2, both);
        Assert.AreEqual(first, both[1]);
        Assert.AreNotEqual(first, both[0]);

        Lens(["--html", _runner["third.html"], "--beside", page, "--layers", "0-1"]).Expect(ExitCodes.Done);
        Assert.AreEqual(both[0], Runs(_runner["third.html"])[1]);
    }

    [TestMethod]
    public void Lens_BesideWithNothingInCommon_SaysWhatBothHaveAndRunsNothing()
    {
        Lens(["--html", _runner["old.html"], "--sites", "mlp_in", "--layers", "0,2-3"]).Expect(ExitCodes.Done);
        CliOutcome outcome = Lens(["--html", _runner["new.html"], "--beside", _runner["old.html"], "--positions", "1-2"]);
        outcome.ExpectError(ExitCodes.BadData, "have no cell in common. This run has resid_post of layer 0-3 at position 1-2; that lens has mlp_in of layer 0, 2-3 at position 0-4.");
        Assert.IsFalse(File.Exists(_runner["new.html"]));
    }

    [TestMethod]
    public void Lens_BesideWithoutTheGeneratedPositionsItHas_IsRefusedAfterTheOtherFiles()
    {
        Lens(["--html", _runner["old.html"], "--generate", "4", "--positions", "7"]).Expect(ExitCodes.Done);
        CliOutcome outcome = Lens(["--html", _runner["new.html"], "--beside", _runner["old.html"], "--generate", "4", "--positions", "last,0", "--csv", _runner["csv"]]);
        outcome.Expect(ExitCodes.Done);
        Lens(["--html", _runner["early.html"], "--beside", _runner["old.html"], "--generate", "6", "--positions", "last", "--csv", _runner["late"]])
            .ExpectError(ExitCodes.BadData, "This run has resid_post of layer 0-3 at position 9; that lens has resid_post of layer 0-3 at position 7.");
        Assert.IsTrue(File.Exists(_runner["late/cells.csv"]));
        Assert.IsFalse(File.Exists(_runner["early.html"]));
    }

    [TestMethod]
    public void Lens_BesideWhatIsNoPage_IsRefusedBeforeTheRun()
    {
        File.WriteAllText(_runner["notes.html"], "<!doctype html><p>notes</p>");
        Lens(["--html", _runner["new.html"], "--beside", _runner["notes.html"]]).ExpectError(ExitCodes.BadData, "notes.html' is no page that onnxlens wrote");
        Lens(["--html", _runner["new.html"], "--beside", _runner["missing.html"]]).ExpectError(ExitCodes.BadData, "missing.html' cannot be read");
        Lens(["--html", _runner["new.html"], "--beside", ""]).ExpectError(ExitCodes.Usage, "The name of the page after --beside is empty");
        Assert.IsFalse(File.Exists(_runner["new.html"]));
    }

    [TestMethod]
    public void Lens_MoreThanAPageHolds_IsRefusedBeforeTheRun()
    {
        RandomCheckpoint.Write(_runner["checkpoint"], new RandomCheckpointOptions { ContextLength = 4096 });
        string[] run = ["lens", TestBundles.Of(_runner["checkpoint"]), "--tokens", "1", "--generate", "4000", "--sites", "all", "--top-k", "320"];
        _runner.Invoke([.. run, "--html", _runner["page.html"], "--csv", _runner["csv"]])
            .ExpectError(ExitCodes.BadData, "The page would hold 276 MiB of numbers, more than the 256 MiB that browsers open. Ask for fewer positions, layers, sites or targets, a smaller --top-k, or leave --html out");
        Assert.IsFalse(File.Exists(_runner["page.html"]) || Directory.Exists(_runner["csv"]));
    }

    private static string[] Runs(string page) => [.. Run().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value)];

    private CliOutcome Lens(string[] options) => _runner.Invoke(["lens", Models.LlamaBundle, "--tokens", string.Join(',', Models.Llama.Tokens(5)), .. options]);

    [GeneratedRegex("<script type=\"application/vnd.onnxlens.run\">([A-Za-z0-9+/=]+)</script>")]
    private static partial Regex Run();
}
