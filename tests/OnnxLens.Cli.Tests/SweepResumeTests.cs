using System.Text.Json.Nodes;

namespace OnnxLens.Cli.Tests;

/// <summary>Sweeps that are stopped, or whose results cannot be written, go on where they were.</summary>
[TestClass]
public sealed class SweepResumeTests : IDisposable
{
    private const string Journal = "sweep.partial.jsonl";

    private readonly CliRunner _runner = new();

    public void Dispose() => _runner.Dispose();

    [TestMethod]
    public void Sweep_Cancelled_GoesOnToTheFilesOfAnUninterruptedRun()
    {
        string[] options = ["--vector", SteeringDemo.Bold, "--controls", "10", "--limit", "60", "--html", _runner["page.html"]];
        using var source = new CancellationTokenSource();
        Task cancelling = Task.Run(() => CancelOnceASampleIsKept(_runner[$"out/{Journal}"], source));
        CliOutcome cancelled = _runner.Invoke(source.Token, Command(_runner["out"], options)).Expect(ExitCodes.Cancelled);
        cancelling.GetAwaiter().GetResult();
        Assert.Contains("; give the same command again to go on from there", cancelled.Error);
        Assert.AreEqual("", cancelled.Out);
        Assert.AreSequenceEqual([Journal], Files("out"));
        Assert.IsFalse(File.Exists(_runner["page.html"]));
        int done = File.ReadAllLines(_runner[$"out/{Journal}"]).Length - 1;
        Assert.IsInRange(1, 59, done);
        Assert.Contains($"cancelled after {done} of 60 samples", cancelled.Error);

        CliOutcome resumed = _runner.Invoke(Command(_runner["out"], options)).Expect(ExitCodes.Done);
        Assert.Contains($"went on from {done} samples of an earlier run", resumed.Error);
        string page = File.ReadAllText(_runner["page.html"]);
        CliOutcome whole = _runner.Invoke(Command(_runner["whole"], options)).Expect(ExitCodes.Done);
        Assert.AreEqual(whole.Out, resumed.Out);
        Assert.AreEqual(page, File.ReadAllText(_runner["page.html"]));
        AssertSame("whole", "out");
    }

    [TestMethod]
    public void Sweep_CancelledBeforeTheFirstSample_IsCancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        CliOutcome outcome = _runner.Invoke(source.Token, Command(_runner["out"], ["--vector", SteeringDemo.Bold]));
        outcome.Expect(ExitCodes.Cancelled);
        Assert.AreEqual("cancelled\n", outcome.Error);
        Assert.IsFalse(Directory.Exists(_runner["out"]));
    }

    [TestMethod]
    public void Sweep_CutOffInTheMiddleOfALine_GoesOnBeforeIt()
    {
        string[] options = ["--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--controls", "1", "--limit", "5"];
        Stopped("out", options);
        string[] lines = File.ReadAllLines(_runner[$"out/{Journal}"]);
        Assert.HasCount(6, lines);
        File.WriteAllText(_runner[$"out/{Journal}"], $"{lines[0]}\n{lines[1]}\n{lines[2]}\n{lines[3][..40]}");

        Assert.Contains("went on from 2 samples of an earlier run", _runner.Invoke(Command(_runner["out"], options)).Expect(ExitCodes.Done).Error);
        _runner.Invoke(Command(_runner["whole"], options)).Expect(ExitCodes.Done);
        AssertSame("whole", "out");
    }

    [TestMethod]
    [DataRow("\"sample\":\"row0\"", "\"sample\":\"gone\"")]
    [DataRow("\"letter\":\"A\"", "\"letter\":\"Z\"")]
    [DataRow("\"split\":\"all\"", "\"split\":\"test\"")]
    [DataRow("\"multiplier\":[-1.5,", "\"multiplier\":[7,")]
    [DataRow("\"point\":[\"mlp_in.3\",", "\"point\":[\"mlp_in.2\",")]
    [DataRow("\"positive_logit\":[", "\"positive_logit\":[1e99,")]
    public void Sweep_JournalChangedByHand_IsRefusedBeforeTheOtherSamplesAreRun(string there, string instead)
    {
        string[] options = ["--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--controls", "0", "--limit", "3"];
        Stopped("out", options);
        string[] lines = File.ReadAllLines(_runner[$"out/{Journal}"]);
        string changed = lines[1].Replace(there, instead, StringComparison.Ordinal);
        if (instead.EndsWith("1e99,", StringComparison.Ordinal))
        {
            int first = changed.IndexOf("1e99,", StringComparison.Ordinal) + 5;
            changed = changed.Remove(first, changed.IndexOf(',', first) + 1 - first);
        }

        Assert.AreNotEqual(lines[1], changed);
        File.WriteAllText(_runner[$"out/{Journal}"], $"{lines[0]}\n{changed}\n");
        _runner.Invoke(Command(_runner["out"], options)).ExpectError(ExitCodes.BadData, "that this sweep cannot have written: it was changed. Remove the file");
    }

    [TestMethod]
    public void Sweep_ResultsThatCannotBeWritten_KeepsEverySample()
    {
        string[] options = ["--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--controls", "1", "--limit", "3"];
        Stopped("out", options);
        CliOutcome outcome = _runner.Invoke(Command(_runner["out"], options)).Expect(ExitCodes.Done);
        Assert.Contains("went on from 3 samples of an earlier run", outcome.Error);
        Assert.IsFalse(File.Exists(_runner[$"out/{Journal}"]));
        _runner.Invoke(Command(_runner["whole"], options)).Expect(ExitCodes.Done);
        AssertSame("whole", "out");
    }

    [TestMethod]
    public void Sweep_ExtractedVectors_GoOnToo()
    {
        string[] options = ["--extract", SteeringDemo.Dataset("bold-train.json"), "--layers", "3", "--controls", "1", "--limit", "4"];
        Stopped("out", options);
        string[] lines = File.ReadAllLines(_runner[$"out/{Journal}"]);
        File.WriteAllLines(_runner[$"out/{Journal}"], lines[..3]);
        Assert.Contains("went on from 2 samples of an earlier run", _runner.Invoke(Command(_runner["out"], options)).Expect(ExitCodes.Done).Error);
        _runner.Invoke(Command(_runner["whole"], options)).Expect(ExitCodes.Done);
        AssertSame("whole", "out");
    }

    [TestMethod]
    [DataRow("--controls 2", "controls is '1' there and '2' here")]
    [DataRow("--seed 7", "seed is '0' there and '7' here")]
    [DataRow("--multipliers -1,1", "multipliers is '-1.5,-1,-0.5,0,0.5,1,1.5' there and '-1,1' here")]
    [DataRow("--limit 4", "samples is '3' there and '4' here")]
    public void Sweep_OtherPlanInTheSameFolder_IsRefusedNamingWhatDiffers(string change, string fragment)
    {
        string[] options = ["--vector", $"{SteeringDemo.Bold}@mlp_in.3"];
        Stopped("out", [.. options, "--controls", "1", "--limit", "3"]);
        string before = File.ReadAllText(_runner[$"out/{Journal}"]);
        string[] words = change.Split(' ');
        string[] rest = [.. new[] { "--controls", "1", "--limit", "3" }.Chunk(2).Where(pair => pair[0] != words[0]).SelectMany(pair => pair)];
        _runner.Invoke(Command(_runner["out"], [.. options, .. rest, .. words])).ExpectError(ExitCodes.BadData, fragment);
        Assert.AreEqual(before, File.ReadAllText(_runner[$"out/{Journal}"]));
        Assert.AreSequenceEqual([Journal], Files("out"));
    }

    [TestMethod]
    public void Sweep_SameRowsInAnotherOrder_IsAnotherPlan()
    {
        // A dataset's hash does not tell the order of its rows, and rows without an id are named by it.
        JsonNode[] rows = [.. JsonNode.Parse(File.ReadAllText(SteeringDemo.Dataset("bold-test.json")))!.AsArray().Take(4).Select(row => row!.DeepClone())];
        string[] command = ["sweep", Models.DemoBundle, "--dataset", _runner["rows.json"], "--vector", $"{SteeringDemo.Bold}@mlp_in.3", "--controls", "0", "--out", _runner["out"]];
        File.WriteAllText(_runner["rows.json"], new JsonArray(rows).ToJsonString());
        Directory.CreateDirectory(_runner["out/samples.csv"]);
        _runner.Invoke(command).Expect(ExitCodes.BadData);
        Directory.Delete(_runner["out/samples.csv"]);
        File.WriteAllText(_runner["rows.json"], new JsonArray([.. rows.Reverse().Select(row => row.DeepClone())]).ToJsonString());
        _runner.Invoke(command).ExpectError(ExitCodes.BadData, "holds the samples of another sweep: rows is ");
    }

    [TestMethod]
    public void Sweep_Journal_ThatIsNone_IsKept()
    {
        Directory.CreateDirectory(_runner["out"]);
        File.WriteAllText(_runner[$"out/{Journal}"], "my notes\n");
        _runner.Invoke(Command(_runner["out"], ["--vector", SteeringDemo.Bold, "--limit", "2"])).ExpectError(ExitCodes.BadData, "is no journal of a sweep");
        Assert.AreEqual("my notes\n", File.ReadAllText(_runner[$"out/{Journal}"]));
    }

    [TestMethod]
    public void Sweep_JournalInUse_IsRefused()
    {
        Directory.CreateDirectory(_runner["out"]);
        using var held = new FileStream(_runner[$"out/{Journal}"], FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        _runner.Invoke(Command(_runner["out"], ["--vector", SteeringDemo.Bold, "--limit", "2"])).ExpectError(ExitCodes.BadData, "is in use: another sweep writes to it");
    }

    /// <summary>Watches the journal, which nobody else can open, until it is longer than its first line.</summary>
    private static void CancelOnceASampleIsKept(string journal, CancellationTokenSource source)
    {
        const int longerThanTheHeader = 10_000;
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (patience.Elapsed < TimeSpan.FromMinutes(1) && new FileInfo(journal) is not { Exists: true, Length: > longerThanTheHeader })
        {
            Thread.Sleep(1);
        }

        source.Cancel();
    }

    /// <summary>A sweep that runs to its end, where a folder stands in the way of a result: its journal stays.</summary>
    private void Stopped(string folder, string[] options)
    {
        Directory.CreateDirectory(_runner[$"{folder}/samples.csv"]);
        _runner.Invoke(Command(_runner[folder], options)).ExpectError(ExitCodes.BadData, "it is a folder");
        Directory.Delete(_runner[$"{folder}/samples.csv"]);
        Assert.AreSequenceEqual([Journal], Files(folder));
    }

    private void AssertSame(string whole, string resumed)
    {
        string[] files = Files(whole);
        Assert.Contains("samples.csv", files);
        Assert.AreSequenceEqual(files, Files(resumed));
        foreach (string file in files)
        {
            Assert.AreEqual(File.ReadAllText(_runner[$"{whole}/{file}"]), File.ReadAllText(_runner[$"{resumed}/{file}"]), file);
        }
    }

    private string[] Files(string folder) => [.. Directory.GetFileSystemEntries(_runner[folder]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string[] Command(string folder, string[] options) => ["sweep", Models.DemoBundle, "--dataset", SteeringDemo.Dataset("bold-test.json"), "--out", folder, .. options];
}
