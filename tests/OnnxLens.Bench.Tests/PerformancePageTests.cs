using System.Globalization;
using OnnxLens.Bench.Commands;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Reporting;
using OnnxLens.Testing;

namespace OnnxLens.Bench.Tests;

/// <summary>The page of documentation is what its figures give.</summary>
[TestClass]
public sealed class PerformancePageTests
{
    private static readonly BenchEnvironment Machine = new(2, "a processor", 25, "a system", ".NET", "1.0", "0.1.0", 0.5);

    [TestMethod]
    public void Docs_PerformancePage_IsWhatItsJsonGives()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "performance.md"));
        Assert.AreEqual(page, PerformancePage.Write([BenchReport.Read(Path.Combine(RepositoryRoot.Path, "docs", "performance.json"))]));
    }

    [TestMethod]
    public void Template_EveryScenario_HasATable()
    {
        string[] scenarios = [.. RunCommand.All.Select(scenario => scenario.Name).Order()];
        Assert.AreSequenceEqual(scenarios, PerformancePage.Scenarios.Order().ToArray());
    }

    [TestMethod]
    public void Write_BoundMissed_IsSaidInEveryPlace()
    {
        string page = PerformancePage.Write([Report(new Figure("loop", "outside Run", "%", new Spread(4, 3.5, 5), Bound.AtMost(3)))]);
        Assert.Contains("0 of 1 bounds hold; 1 missed.", page);
        Assert.Contains("| loop: outside Run | 4.000 % | ≤ 3 | **missed** |", page);
        Assert.Contains("- loop: outside Run: 4.000 %. **The bound, ≤ 3, is missed.**", page);
        Assert.Contains("| outside Run | 4.000 % | 3.500 to 5.000 | ≤ 3 | MISSED |", page);
    }

    [TestMethod]
    public void Write_ComparisonLost_IsAmongWhatIsNotBetter()
    {
        Figure lost = new("sampler", "a ÷ b", "", Spread.Single(0.8)) { Better = Bound.AtLeast(1) };
        Figure won = lost with { Name = "c ÷ d", Value = Spread.Single(1.2) };
        string page = PerformancePage.Write([Report(lost, won)]);
        Assert.Contains("- sampler: a ÷ b: 0.800; better would be ≥ 1.", page);
        Assert.DoesNotContain("- sampler: c ÷ d", page);
    }

    [TestMethod]
    public void Write_NothingLost_SaysSo() =>
        Assert.Contains("Nothing that was measured", PerformancePage.Write([Report(new Figure("sampler", "greedy", "ms", Spread.Single(1), Bound.AtMost(2)))]));

    [TestMethod]
    public void Write_Cases_StandBesideEachOther()
    {
        Figure first = new("job", "ours", "tokens/s", new Spread(20, 19, 21)) { Case = "T = 64" };
        Figure second = first with { Case = "T = 1500", Value = Spread.Single(5), MeasuredSteps = 12, Bound = Bound.AtLeast(4) };
        string page = PerformancePage.Write([Report(first, second)]);
        Assert.Contains("| | T = 64 | T = 1500 |", page);
        Assert.Contains("| ours, tokens/s | 20.0 (19.0 to 21.0) | 5.000, extrapolated from 12 measured steps; ≥ 4: holds |", page);
    }

    [TestMethod]
    public void Write_CasesOfOtherUnits_NameThemInTheirCells()
    {
        Figure first = new("job", "ours", "tokens/s", Spread.Single(20)) { Case = "T = 64" };
        string page = PerformancePage.Write([Report(first, first with { Case = "prompt of 64", Unit = "positions/s" })]);
        Assert.Contains("| ours | 20.0 tokens/s | 20.0 positions/s |", page);
    }

    [TestMethod]
    public void Write_ScenarioWithoutFigures_HasNoSection()
    {
        string page = PerformancePage.Write([Report(new Figure("sampler", "greedy", "ms", Spread.Single(1)))]);
        Assert.Contains("## Sampling", page);
        Assert.DoesNotContain("## Memory", page);
        Assert.DoesNotContain("{{", page);
    }

    [TestMethod]
    public void Write_MemoryFloor_HasItsTableUnderItsOwnHeading()
    {
        string page = PerformancePage.Write([Report(new Figure("floor", "reading the weights once, stored in bf16", "GB/s", Spread.Single(40)))]);
        string section = page[page.IndexOf("## What the memory allows", StringComparison.Ordinal)..];
        Assert.Contains("| reading the weights once, stored in bf16 | 40.0 GB/s |", section[..section.IndexOf("\n## ", StringComparison.Ordinal)]);
    }

    [TestMethod]
    public void Write_JobAndLoad_SayHowWeightsStoredInBf16AreRead()
    {
        string page = PerformancePage.Write([Report(new Figure("job", "a", "", Spread.Single(1)), new Figure("load", "b", "", Spread.Single(1)))]);
        Assert.Contains("Such weights are read as they are stored: half the bytes;", page);
        Assert.Contains("Weights stored in bf16 stay in their mapped file as well.", page);
    }

    [TestMethod]
    public void Write_SeveralRuns_AreToldApart()
    {
        BenchReport report = Report(new Figure("sampler", "greedy", "ms", Spread.Single(3), Bound.AtMost(2)));
        string page = PerformancePage.Write([report, report with { Command = "another" }]);
        Assert.Contains("**Run 1**", page);
        Assert.Contains("Run 2:\n\n| | median", page);
        Assert.Contains("(run 2): 3.000 ms. **The bound", page);
    }

    [TestMethod]
    public void Write_ScenarioThatTheTemplateLacks_IsRefused()
    {
        BenchDataException refusal = Assert.ThrowsExactly<BenchDataException>(() => PerformancePage.Write([Report(new Figure("nowhere", "x", "", Spread.Single(1)))]));
        Assert.Contains("{{table nowhere}}", refusal.Message);
    }

    [TestMethod]
    public void Read_WhatWasWritten_IsTheSame()
    {
        using var folder = new TempFolder();
        BenchReport report = Report(
            new Figure("job", "a ÷ b", "", new Spread(1.25, 1, 2), Bound.AtMost(3)) { Case = "T = 64", MeasuredSteps = 5, Better = Bound.AtLeast(1) });
        File.WriteAllText(folder["a.json"], report.ToJson());
        BenchReport read = BenchReport.Read(folder["a.json"]);
        Assert.AreEqual(report.Figures[0], read.Figures[0]);
        Assert.AreEqual(report.Environment, read.Environment);
        Assert.AreEqual(report.ToJson(), read.ToJson());
    }

    [TestMethod]
    public void Read_WhatCouldNotBeMeasured_IsTheSame()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["a.json"], Report(new Figure("memory", "a ÷ b", "", Spread.Single(double.NaN))).ToJson());
        Assert.IsTrue(double.IsNaN(BenchReport.Read(folder["a.json"]).Figures[0].Value.Median));
    }

    [TestMethod]
    [DataRow("{")]
    [DataRow("{}")]
    [DataRow("null")]
    [DataRow("[1]")]
    public void Read_SomethingElse_IsRefused(string content)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["a.json"], content);
        Assert.Contains("run --json", Assert.ThrowsExactly<BenchDataException>(() => BenchReport.Read(folder["a.json"])).Message);
    }

    [TestMethod]
    public void Number_OtherCulture_HasAPoint()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE");
            Assert.Contains("| greedy | 1.500 ms | 1.000 to 2.500 | ≤ 2.5 | holds |", PerformancePage.Write(
                [Report(new Figure("sampler", "greedy", "ms", new Spread(1.5, 1, 2.5), Bound.AtMost(2.5)))]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static BenchReport Report(params Figure[] figures) =>
        new(Machine, new BenchSubject("`medium`", "Float", 32, [64], 64, 3), "a command", [.. figures]);
}
