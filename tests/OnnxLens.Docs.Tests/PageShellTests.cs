using System.Diagnostics;
using OnnxLens.Docs.Tests.Pages;

namespace OnnxLens.Docs.Tests;

/// <summary>The shell in which the pages' commands run.</summary>
[TestClass]
public sealed class PageShellTests
{
    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    public void Run_CodeAndBothStreams_AreKept()
    {
        using var shell = new PageShell();
        Assert.AreEqual((3, "out\n", "error\n"), shell.Run("echo out\necho error >&2\nexit 3"));
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
    [DataRow("sleep 60")]
    [DataRow("sleep 60 & echo behind")]
    public void Run_LinesThatDoNotEnd_AreEndedAndFail(string lines)
    {
        using var shell = new PageShell();
        long start = Stopwatch.GetTimestamp();
        AssertFailedException refusal = Assert.ThrowsExactly<AssertFailedException>(() => shell.Run(lines, TimeSpan.FromSeconds(1)));
        Assert.Contains("had not ended after 1 s", refusal.Message);
        Assert.IsLessThan(TimeSpan.FromSeconds(30), Stopwatch.GetElapsedTime(start));
    }
}
