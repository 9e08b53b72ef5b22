using System.Text.Json;
using OnnxLens.Eval;
using OnnxLens.Reports.Batches;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class LensBatchWriterTests : IDisposable
{
    private const string Journal = "lens.partial.jsonl";
    private static readonly Dictionary<string, string> Plan = new() { ["bundle"] = "abc", ["top-k"] = "3" };

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Append_Prompts_AreTheRowsOfEachReportBehindItsName()
    {
        Whole("out");
        Assert.AreSequenceEqual(["cells.csv", "provenance.json", "targets.csv", "topk.csv"], Names("out"));
        CsvTable cells = CsvTable.Read(_folder["out/cells.csv"]);
        Assert.HasCount(27, cells.Rows);
        LensCsvWriter.Write(_folder["alone"], Samples.Report(6) with { Sequence = 1 });
        CsvTable alone = CsvTable.Read(_folder["alone/cells.csv"]);
        for (int row = 0; row < 9; row++)
        {
            Assert.AreEqual("p 1, \"odd\"", cells.At(9 + row, "prompt"));
            Assert.AreSequenceEqual(alone.Rows[row].ToArray(), cells.Rows[9 + row].Skip(1).ToArray());
        }
    }

    [TestMethod]
    public void Append_WhileOpen_CanBeReadByOthers()
    {
        using LensBatchWriter writer = Open("out");
        writer.Append(Report(0), [1]);
        Assert.HasCount(9, CsvTable.Read(_folder["out/cells.csv.partial"]).Rows);
        Assert.AreSequenceEqual(["cells.csv.partial", Journal, "targets.csv.partial", "topk.csv.partial"], Names("out"));
    }

    [TestMethod]
    public void Append_ThatFailsInTheMidst_TakesNoMoreAndIsGoneOnFrom()
    {
        Dictionary<string, string> whole = Whole("whole");
        using (LensBatchWriter first = Open("stopped"))
        {
            first.Append(Report(0), [1]);
            Assert.ThrowsExactly<OutputException>(() => first.Append(Report(1) with { TokenText = _ => throw new IOException("no space left") }, [2]));
            Assert.ThrowsExactly<InvalidOperationException>(() => first.Append(Report(1), [2]));
            Assert.AreEqual(1, first.Progress.Prompts);
        }

        using (LensBatchWriter second = Open("stopped"))
        {
            Assert.AreEqual(1, second.Progress.Prompts);
            second.Append(Report(1), [2]);
            second.Append(Report(2), [3]);
            second.Complete(Provenance(3));
        }

        AssertSame(whole, "stopped");
    }

    [TestMethod]
    public void Open_CutAtAnyByteOfTheJournal_EndsAsAnUnbrokenRun()
    {
        Dictionary<string, string> whole = Whole("whole");
        using (LensBatchWriter first = Open("stopped"))
        {
            first.Append(Report(0), [1]);
        }

        using (LensBatchWriter second = Open("stopped"))
        {
            Assert.AreEqual((1, 8L, 1L), (second.Progress.Prompts, second.Progress.Tokens, second.Progress.Steered[0]));
            second.Append(Report(1), [2]);
        }

        Dictionary<string, string> stopped = Texts("stopped");
        string journal = stopped[Journal];
        Assert.AreEqual(3, journal.Count(letter => letter == '\n'));
        for (int cut = 0; cut <= journal.Length; cut += 7)
        {
            Restore("cut", stopped);
            File.WriteAllText(_folder[$"cut/{Journal}"], journal[..cut]);
            Finish("cut", expectedDone: Math.Max(0, journal[..cut].Count(letter => letter == '\n') - 1));
            AssertSame(whole, "cut");
        }
    }

    [TestMethod]
    [DataRow("cells.csv.partial")]
    [DataRow("topk.csv.partial")]
    [DataRow("targets.csv.partial")]
    public void Open_TableShorterThanTheJournalSays_GoesBackToWhatIsThere(string table)
    {
        Dictionary<string, string> whole = Whole("whole");
        using (LensBatchWriter first = Open("stopped"))
        {
            first.Append(Report(0), [1]);
        }

        long length = new FileInfo(_folder[$"stopped/{table}"]).Length;
        using (LensBatchWriter second = Open("stopped"))
        {
            second.Append(Report(1), [2]);
        }

        Dictionary<string, string> stopped = Texts("stopped");
        foreach ((long left, int done) in new[] { (length + 3, 1), (length - 1, 0) })
        {
            Restore("cut", stopped);
            using (FileStream file = File.OpenWrite(_folder[$"cut/{table}"]))
                file.SetLength(left);
            Finish("cut", done);
            AssertSame(whole, "cut");
        }
    }

    [TestMethod]
    public void Open_OtherPlan_IsRefusedAndNothingChanges()
    {
        using (LensBatchWriter writer = Open("out"))
            writer.Append(Report(0), [1]);
        Dictionary<string, string> before = Texts("out");
        EvalException refusal = Assert.ThrowsExactly<EvalException>(() => LensBatchWriter.Open(_folder["out"], new Dictionary<string, string>(Plan) { ["top-k"] = "4" }, true, 1));
        Assert.Contains("holds the prompts of another batch: top-k is '3' there and '4' here", refusal.Message);
        AssertSame(before, "out");
    }

    [TestMethod]
    [DataRow("\"prompts\":1", "\"prompts\":0")]
    [DataRow("\"steered\":[1]", "\"steered\":[1,1]")]
    [DataRow("\"bytes\":[", "\"bytes\":[5,")]
    [DataRow("\"bytes\":[", "\"lengths\":[")]
    public void Open_JournalChangedByHand_IsRefused(string there, string instead)
    {
        using (LensBatchWriter writer = Open("out"))
            writer.Append(Report(0), [1]);
        string text = File.ReadAllText(_folder[$"out/{Journal}"]);
        string changed = text.Replace(there, instead, StringComparison.Ordinal);
        Assert.AreNotEqual(text, changed);
        File.WriteAllText(_folder[$"out/{Journal}"], changed);
        Assert.Contains("Line 2 of the journal", Assert.ThrowsExactly<EvalException>(() => Open("out")).Message);
    }

    [TestMethod]
    public void Open_InUse_IsRefused()
    {
        using LensBatchWriter writer = Open("out");
        Assert.Contains("another batch writes to it", Assert.ThrowsExactly<OutputException>(() => Open("out")).Message);
    }

    [TestMethod]
    public void Dispose_WithoutPrompts_LeavesNoFile()
    {
        Open("out").Dispose();
        Assert.IsEmpty(Names("out"));
    }

    [TestMethod]
    public void Complete_ReportOfBefore_IsReplacedAndItsTargetsRemoved()
    {
        LensCsvWriter.Write(_folder["out"], Samples.Report(6));
        using LensBatchWriter writer = LensBatchWriter.Open(_folder["out"], Plan, hasTargets: false, operations: 0);
        writer.Append(Samples.Report() with { Sequence = 0, Name = "only" }, []);
        Assert.HasCount(9, CsvTable.Read(_folder["out/cells.csv"]).Rows);
        writer.Complete(Provenance(1));
        Assert.AreSequenceEqual(["cells.csv", "provenance.json", "topk.csv"], Names("out"));
        Assert.StartsWith("prompt,sequence,", File.ReadLines(_folder["out/cells.csv"]).First());
    }

    [TestMethod]
    public void Complete_Provenance_SaysWhatWasRun()
    {
        Whole("out");
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(_folder["out/provenance.json"]));
        Assert.AreEqual(3, json.RootElement.GetProperty("prompts").GetInt32());
        Assert.AreEqual("ff", json.RootElement.GetProperty("prompts_hash").GetString());
        Assert.AreEqual(JsonValueKind.Null, json.RootElement.GetProperty("chat_template_hash").ValueKind);
    }

    [TestMethod]
    public void Append_OutOfOrder_IsRefused()
    {
        using LensBatchWriter writer = Open("out");
        Assert.ThrowsExactly<ArgumentException>(() => writer.Append(Report(1), [1]));
        Assert.ThrowsExactly<ArgumentException>(() => writer.Append(Report(0) with { Name = null }, [1]));
    }

    private static LensReport Report(int number) => Samples.Report(6) with { Sequence = number, Name = $"p {number}, \"odd\"" };

    private static LensBatchProvenance Provenance(int prompts) => new()
    {
        Tool = "onnxlens 0.1.0",
        BundleHash = new string('a', 64),
        Precision = "fp32",
        Devices = ["cpu"],
        PromptsHash = "ff",
        Prompts = prompts,
        Tokens = 24,
        Positions = "all",
    };

    private LensBatchWriter Open(string folder) => LensBatchWriter.Open(_folder[folder], Plan, hasTargets: true, operations: 1);

    /// <summary>Three prompts in one run.</summary>
    private Dictionary<string, string> Whole(string folder)
    {
        Finish(folder, expectedDone: 0);
        return Texts(folder);
    }

    private void Finish(string folder, int expectedDone)
    {
        using LensBatchWriter writer = Open(folder);
        Assert.AreEqual(expectedDone, writer.Progress.Prompts);
        for (int i = expectedDone; i < 3; i++)
            writer.Append(Report(i), [1 + i]);
        Assert.AreEqual(6, writer.Progress.Steered[0]);
        writer.Complete(Provenance(3));
    }

    private void Restore(string folder, Dictionary<string, string> texts)
    {
        if (Directory.Exists(_folder[folder]))
            Directory.Delete(_folder[folder], recursive: true);
        Directory.CreateDirectory(_folder[folder]);
        foreach ((string name, string text) in texts)
            File.WriteAllText(_folder[$"{folder}/{name}"], text);
    }

    private void AssertSame(Dictionary<string, string> expected, string folder)
    {
        Dictionary<string, string> actual = Texts(folder);
        Assert.AreSequenceEqual(expected.Keys.ToArray(), actual.Keys.ToArray());
        foreach ((string name, string text) in expected)
            Assert.AreEqual(text, actual[name], name);
    }

    private Dictionary<string, string> Texts(string folder) => Names(folder).ToDictionary(name => name, name => File.ReadAllText(_folder[$"{folder}/{name}"]));

    private string[] Names(string folder) => [.. Directory.GetFileSystemEntries(_folder[folder]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
