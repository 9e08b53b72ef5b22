using OnnxLens.Bundles;
using OnnxLens.Eval;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Sweeps;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class SweepJournalTests : IDisposable
{
    private static readonly Dictionary<string, string> Plan = new() { ["seed"] = "7", ["multipliers"] = "-1,0,1", ["dataset Sweet"] = "abc" };

    private readonly TestFolder _folder = new();

    private string Journal => _folder["new/sweep.partial.jsonl"];

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void Open_PipeInPlaceOfTheFile_IsRefused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Journal)!);
        using (var made = System.Diagnostics.Process.Start("mkfifo", Journal))
            made.WaitForExit();
        Assert.Contains("a device or a pipe", Assert.ThrowsExactly<OutputException>(() => SweepJournal.Open(Journal, Plan)).Message);
    }

    [TestMethod]
    public void Open_Reopened_GivesTheSameCells()
    {
        SweepCell[] odd =
        [
            .. Cells(SweepSamples.HostileName),
            .. Cells(SweepSamples.HostileName).Select(cell => cell with { Vector = "random:7", Multiplier = 0.1, PositiveLogit = float.NaN, NegativeLogit = float.NegativeInfinity }),
        ];
        using (SweepJournal journal = SweepJournal.Open(Journal, Plan))
        {
            SweepSamples.UnderCommas(() => journal.Append(Cells("0")));
            journal.Append(odd);
            Assert.AreEqual(2, journal.Samples);
        }

        using SweepJournal again = SweepJournal.Open(Journal, Plan);
        Assert.AreSequenceEqual([.. Cells("0"), .. odd], again.Cells.ToArray());
        Assert.IsTrue(again.Has("Sweet", SweepSamples.HostileName));
        Assert.IsFalse(again.Has("Sweet", "1"));
        Assert.IsFalse(again.Has("Bold", "0"));
    }

    [TestMethod]
    public void Open_CutAnywhere_KeepsTheWholeSamplesAndGoesOn()
    {
        using (SweepJournal journal = SweepJournal.Open(Journal, Plan))
        {
            journal.Append(Cells("0"));
            journal.Append(Cells("1"));
        }

        byte[] whole = File.ReadAllBytes(Journal);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Journal, whole[..length]);
            using (SweepJournal journal = SweepJournal.Open(Journal, Plan))
            {
                Assert.AreEqual(Math.Max(0, whole.AsSpan(0, length).Count((byte)'\n') - 1), journal.Samples, $"cut to {length}");
                for (int sample = journal.Samples; sample < 2; sample++)
                    journal.Append(Cells($"{sample}"));
            }

            Assert.AreSequenceEqual(whole, File.ReadAllBytes(Journal), $"cut to {length}");
        }
    }

    [TestMethod]
    public void Open_AnotherPlan_SaysWhatDiffersAndLeavesTheFile()
    {
        using (SweepJournal journal = SweepJournal.Open(Journal, Plan))
            journal.Append(Cells("0"));
        byte[] before = File.ReadAllBytes(Journal);

        EvalException refusal = Assert.ThrowsExactly<EvalException>(() => SweepJournal.Open(Journal, new Dictionary<string, string>(Plan) { ["seed"] = "8", ["text"] = "def" }));

        Assert.Contains("seed is '7' there and '8' here; text is missing there and 'def' here", refusal.Message);
        Assert.Contains(Journal, refusal.Message);
        Assert.AreSequenceEqual(before, File.ReadAllBytes(Journal));
    }

    [TestMethod]
    public void Open_ManyDifferences_CountsThoseNotNamed()
    {
        using (SweepJournal journal = SweepJournal.Open(Journal, Plan))
            journal.Append(Cells("0"));

        EvalException refusal = Assert.ThrowsExactly<EvalException>(() => SweepJournal.Open(Journal, new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }));

        Assert.Contains("; 2 more differ", refusal.Message);
    }

    [TestMethod]
    [DataRow("my notes, not yet saved anywhere else")]
    [DataRow("my notes\n")]
    [DataRow("null\n")]
    [DataRow("{\"schema\":2,\"plan\":{}}\n")]
    [DataRow("{\"schema\":1}\n")]
    public void Open_NoJournal_IsRefusedAndLeft(string text)
    {
        File.WriteAllText(_folder["file"], text);

        EvalException refusal = Assert.ThrowsExactly<EvalException>(() => SweepJournal.Open(_folder["file"], Plan));

        Assert.Contains("no journal", refusal.Message);
        Assert.AreEqual(text, File.ReadAllText(_folder["file"]));
    }

    [TestMethod]
    [DataRow("{\"dataset\":\"Sweet\"}")]
    [DataRow("")]
    [DataRow("null")]
    [DataRow("{\"dataset\":\"d\",\"sample\":\"s\",\"split\":\"t\",\"letter\":\"A\",\"vector\":[],\"point\":[],\"multiplier\":[],\"positive_logit\":[],\"negative_logit\":[]}")]
    [DataRow("{\"dataset\":\"d\",\"sample\":\"s\",\"split\":\"t\",\"letter\":\"A\",\"vector\":[\"v\"],\"point\":[\"mlp_in.1\"],\"multiplier\":[1,2],\"positive_logit\":[1],\"negative_logit\":[1]}")]
    [DataRow("{\"dataset\":\"d\",\"sample\":\"s\",\"split\":\"t\",\"letter\":\"A\",\"vector\":[\"v\"],\"point\":[\"nowhere.1\"],\"multiplier\":[1],\"positive_logit\":[1],\"negative_logit\":[1]}")]
    [DataRow("{\"dataset\":null,\"sample\":\"s\",\"split\":\"t\",\"letter\":\"A\",\"vector\":[\"v\"],\"point\":[\"mlp_in.1\"],\"multiplier\":[1],\"positive_logit\":[1],\"negative_logit\":[1]}")]
    public void Open_DamagedLine_NamesIt(string line)
    {
        using (SweepJournal journal = SweepJournal.Open(Journal, Plan))
            journal.Append(Cells("0"));
        File.AppendAllText(Journal, line + "\n");

        EvalException refusal = Assert.ThrowsExactly<EvalException>(() => SweepJournal.Open(Journal, Plan));

        Assert.Contains("Line 3 of the journal", refusal.Message);
    }

    [TestMethod]
    public void Dispose_NoSamples_LeavesNoFile()
    {
        SweepJournal.Open(Journal, Plan).Dispose();

        Assert.IsFalse(File.Exists(Journal));
    }

    [TestMethod]
    public void Open_SampleTwice_IsDamage()
    {
        using (SweepJournal journal = SweepJournal.Open(Journal, Plan))
            journal.Append(Cells("0"));
        File.AppendAllText(Journal, File.ReadAllLines(Journal)[1] + "\n");

        EvalException refusal = Assert.ThrowsExactly<EvalException>(() => SweepJournal.Open(Journal, Plan));

        Assert.Contains("Line 3", refusal.Message);
        Assert.Contains("second time", refusal.Message);
    }

    [TestMethod]
    public void Open_InUse_IsRefusedUntilClosed()
    {
        using (SweepJournal journal = SweepJournal.Open(Journal, Plan))
        {
            OutputException refusal = Assert.ThrowsExactly<OutputException>(() => SweepJournal.Open(Journal, Plan));
            Assert.Contains("another sweep writes to it", refusal.Message);
            journal.Append(Cells("0"));
        }

        using SweepJournal again = SweepJournal.Open(Journal, Plan);
        Assert.AreEqual(1, again.Samples);
    }

    [TestMethod]
    public void Open_FolderInPlaceOfTheFile_NamesThePath()
    {
        OutputException refusal = Assert.ThrowsExactly<OutputException>(() => SweepJournal.Open(_folder[""], Plan));

        Assert.Contains(_folder[""], refusal.Message);
    }

    [TestMethod]
    public void Append_DiskFull_SaysSoAndLeavesNoHalfLine()
    {
        using var disk = new SmallDisk();
        using SweepJournal journal = SweepJournal.Open("sweep", disk, Plan);
        journal.Append(Cells("0"));
        byte[] before = disk.ToArray();
        disk.Free = 10;

        OutputException refusal = Assert.ThrowsExactly<OutputException>(() => journal.Append(Cells("1")));

        Assert.Contains("Cannot write 'sweep': No space left", refusal.Message);
        Assert.AreSequenceEqual(before, disk.ToArray());
        Assert.IsFalse(journal.Has("Sweet", "1"));
        disk.Free = int.MaxValue;
        journal.Append(Cells("1"));
        Assert.AreEqual(2, journal.Samples);
        Assert.AreSequenceEqual(before, disk.ToArray()[..before.Length]);
    }

    [TestMethod]
    public void Append_MistakesOfTheCaller_AreRefused()
    {
        using SweepJournal journal = SweepJournal.Open(Journal, Plan);
        journal.Append(Cells("0"));

        Assert.ThrowsExactly<ArgumentException>(() => journal.Append([]));
        Assert.ThrowsExactly<ArgumentException>(() => journal.Append(Cells("0")));
        Assert.ThrowsExactly<ArgumentException>(() => journal.Append([.. Cells("1"), .. Cells("2")]));
        Assert.HasCount(2, journal.Cells);
    }

    [TestMethod]
    public void Remove_Journal_LeavesNoFile()
    {
        using SweepJournal journal = SweepJournal.Open(Journal, Plan);
        journal.Append(Cells("0"));

        journal.Remove();

        Assert.IsFalse(File.Exists(Journal));
    }

    private static SweepCell[] Cells(string sample) =>
    [
        new("Sweet", sample, "test", "A", "sweet", new HookPoint(Site.MlpIn, 3), -1.5, 0.1f, 16777216),
        new("Sweet", sample, "test", "A", "sweet", new HookPoint(Site.ResidPost, 3), 1, -1e-7f, 3),
    ];

    /// <summary>A disk with so many bytes left.</summary>
    private sealed class SmallDisk : MemoryStream
    {
        internal int Free { get; set; } = int.MaxValue;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer[..Math.Min(Free, buffer.Length)]);
            if (buffer.Length > Free)
                throw new IOException("No space left on device");
        }
    }
}
