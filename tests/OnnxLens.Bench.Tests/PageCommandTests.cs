using OnnxLens.Bench.Commands;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Reporting;
using OnnxLens.Testing;

namespace OnnxLens.Bench.Tests;

/// <summary>The command that makes the page, and tells when it is not what its figures give.</summary>
[TestClass]
public sealed class PageCommandTests
{
    [TestMethod]
    public void Check_PageJustWritten_IsDone()
    {
        using var folder = new TempFolder();
        string[] arguments = Arguments(folder, 1);
        Assert.AreEqual(ExitCodes.Done, Run(arguments));
        Assert.AreEqual(ExitCodes.Done, Run([.. arguments, "--check"]));
    }

    [TestMethod]
    public void Check_OtherFigures_MissAndLeaveThePage()
    {
        using var folder = new TempFolder();
        Run(Arguments(folder, 1));
        string before = File.ReadAllText(folder["page.md"]);
        Assert.AreEqual(ExitCodes.BoundMissed, Run([.. Arguments(folder, 2), "--check"]));
        Assert.AreEqual(before, File.ReadAllText(folder["page.md"]));
    }

    [TestMethod]
    public void Check_NoPage_MissesAndWritesNone()
    {
        using var folder = new TempFolder();
        Assert.AreEqual(ExitCodes.BoundMissed, Run([.. Arguments(folder, 1), "--check"]));
        Assert.IsFalse(File.Exists(folder["page.md"]));
    }

    /// <summary>Writes figures and names them and the page.</summary>
    private static string[] Arguments(TempFolder folder, double value)
    {
        var report = new BenchReport(
            new BenchEnvironment(2, "a processor", 25, "a system", ".NET", "1.0", "0.1.0", 0.5),
            new BenchSubject("`medium`", "Float", 32, [64], 64, 3),
            "a command",
            [new Figure("sampler", "greedy", "ms", Spread.Single(value))]);
        File.WriteAllText(folder["a.json"], report.ToJson());
        return ["--json", folder["a.json"], "--out", folder["page.md"]];
    }

    private static int Run(string[] arguments) => PageCommand.Create().Parse(arguments).Invoke();
}
