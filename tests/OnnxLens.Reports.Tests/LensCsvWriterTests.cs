using System.Globalization;
using System.Text.Json;
using OnnxLens.Lens;

namespace OnnxLens.Reports.Tests;

[TestClass]
public sealed class LensCsvWriterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_WithTargets_WritesFourFilesWithTheFixedColumns()
    {
        IReadOnlyList<string> written = LensCsvWriter.Write(_folder["new/out"], Samples.Report(6, 2));

        CollectionAssert.AreEqual(
            new[] { "cells.csv", "topk.csv", "targets.csv", "provenance.json" }.Select(name => Path.Combine(_folder["new/out"], name)).ToArray(), written.ToArray());
        Assert.HasCount(4, Directory.GetFileSystemEntries(_folder["new/out"]));
        Assert.AreEqual("sequence,position,phase,token_id,token,site,layer,top1_id,top1_logprob,logsumexp,entropy,kl_final_lens,next_id,next_logprob,next_rank", File.ReadLines(written[0]).First());
        Assert.AreEqual("sequence,position,site,layer,rank,id,token,logprob,prob", File.ReadLines(written[1]).First());
        Assert.AreEqual("sequence,position,site,layer,target_id,target,logprob,rank", File.ReadLines(written[2]).First());
    }

    [TestMethod]
    public void Write_WithoutTargets_WritesNoneAndRemovesThoseOfBefore()
    {
        LensCsvWriter.Write(_folder[""], Samples.Report(6));
        CollectionAssert.Contains(_folder.Names, "targets.csv");

        IReadOnlyList<string> written = LensCsvWriter.Write(_folder[""], Samples.Report());

        Assert.HasCount(3, written);
        CollectionAssert.AreEqual(new[] { "cells.csv", "provenance.json", "topk.csv" }, _folder.Names);
    }

    [TestMethod]
    public void Write_Cells_HoldTheGridExactly()
    {
        LensReport report = Samples.Report();
        LensCsvWriter.Write(_folder[""], report);
        CsvTable cells = CsvTable.Read(_folder["cells.csv"]);

        LensGrid grid = report.Grid;
        Assert.HasCount(9, cells.Rows);
        for (int row = 0; row < 9; row++)
        {
            (int s, int p) = (row / 3, row % 3);
            (int position, int cell) = (grid.Positions[s], grid.CellIndex(p, s));
            Assert.AreEqual("4", cells.At(row, "sequence"));
            Assert.AreEqual(Text(position), cells.At(row, "position"));
            Assert.AreEqual(position < 5 ? "prompt" : "generated", cells.At(row, "phase"));
            Assert.AreEqual(Text(position), cells.At(row, "token_id"));
            Assert.AreEqual(Samples.Texts[position], cells.At(row, "token"));
            Assert.AreEqual(p == 1 ? "mlp_out" : "resid_post", cells.At(row, "site"));
            Assert.AreEqual(p == 0 ? "0" : "1", cells.At(row, "layer"));
            Assert.AreEqual(Text(grid.TopIds[cell * 3]), cells.At(row, "top1_id"));
            AssertBits(grid.TopLogProbs[cell * 3], cells.At(row, "top1_logprob"));
            AssertBits(grid.LogSumExp[cell], cells.At(row, "logsumexp"));
            AssertBits(grid.Entropy[cell], cells.At(row, "entropy"));
            AssertBits(grid.KlFinalLens[cell], cells.At(row, "kl_final_lens"));
            Assert.AreEqual(position == 7 ? "" : Text(position + 1), cells.At(row, "next_id"));
            AssertBits(grid.NextLogProbs[cell], cells.At(row, "next_logprob"));
            Assert.AreEqual(position == 7 ? "" : Text(grid.NextRanks[cell]), cells.At(row, "next_rank"));
        }
    }

    [TestMethod]
    public void Write_TopK_HoldsEveryDefinedRank()
    {
        LensReport report = Samples.Report();
        LensCsvWriter.Write(_folder[""], report);
        CsvTable top = CsvTable.Read(_folder["topk.csv"]);

        LensGrid grid = report.Grid;
        Assert.HasCount(26, top.Rows);
        for (int row = 0; row < 26; row++)
        {
            int index = (grid.CellIndex(row / 3 % 3, row / 9) * 3) + (row % 3);
            Assert.AreEqual(Text(grid.Positions[row / 9]), top.At(row, "position"));
            Assert.AreEqual(grid.Points[row / 3 % 3].ToString(), $"{top.At(row, "site")}.{top.At(row, "layer")}");
            Assert.AreEqual(Text(row % 3), top.At(row, "rank"));
            Assert.AreEqual(Text(grid.TopIds[index]), top.At(row, "id"));
            Assert.AreEqual(Samples.Texts[grid.TopIds[index]], top.At(row, "token"));
            AssertBits(grid.TopLogProbs[index], top.At(row, "logprob"));
            AssertBits(MathF.Exp(grid.TopLogProbs[index]), top.At(row, "prob"));
        }
    }

    [TestMethod]
    public void Write_Targets_HoldEachOfEveryCell()
    {
        LensReport report = Samples.Report(6, 2);
        report.Grid.TargetRanks[1] = -1;
        report.Grid.TargetLogProbs[1] = float.NaN;
        LensCsvWriter.Write(_folder[""], report);
        CsvTable targets = CsvTable.Read(_folder["targets.csv"]);

        Assert.HasCount(18, targets.Rows);
        for (int row = 0; row < 18; row++)
        {
            int index = (report.Grid.CellIndex(row / 2 % 3, row / 6) * 2) + (row % 2);
            int id = row % 2 == 0 ? 6 : 2;
            Assert.AreEqual(Text(id), targets.At(row, "target_id"));
            Assert.AreEqual(Samples.Texts[id], targets.At(row, "target"));
            AssertBits(report.Grid.TargetLogProbs[index], targets.At(row, "logprob"));
            Assert.AreEqual(index == 1 ? "" : Text(index), targets.At(row, "rank"));
        }
    }

    [TestMethod]
    public void Write_AnyCharacterInATokenText_RoundTrips()
    {
        string[] texts = [.. Enumerable.Range(0, 0x300).Select(c => $"{(char)c}"), "\r\n", "\"\"", ",", " ", "  x  ", "\t", "\uFEFF", "🦙", "#x", "\\", "a\rb"];
        LensReport report = Samples.Report() with { Tokens = [.. texts.Select((text, id) => new ReportToken(id, text, TokenPhase.Prompt))], Grid = new LensGrid([new(default, 0)], [.. Enumerable.Range(0, texts.Length)], 1, []) };

        LensCsvWriter.Write(_folder[""], report);

        CsvTable cells = CsvTable.Read(_folder["cells.csv"]);
        CollectionAssert.AreEqual(texts, Enumerable.Range(0, cells.Rows.Count).Select(row => cells.At(row, "token")).ToArray());
    }

    [TestMethod]
    public void Write_UnderAnotherCulture_GivesTheSameBytes()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        LensCsvWriter.Write(_folder["a"], Samples.Report(1));
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            LensCsvWriter.Write(_folder["b"], Samples.Report(1));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
        foreach (string path in Directory.GetFiles(_folder["a"]))
            CollectionAssert.AreEqual(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(_folder["b"], Path.GetFileName(path))), path);
    }

    [TestMethod]
    public void Write_Bytes_HaveNoMarkAndEndEachRowWithALineFeed()
    {
        LensReport report = Samples.Report() with { Tokens = [.. Enumerable.Range(0, 8).Select(id => new ReportToken(id, "x", TokenPhase.Prompt))], TokenText = _ => "x" };
        foreach (string path in LensCsvWriter.Write(_folder[""], report))
        {
            byte[] bytes = File.ReadAllBytes(path);
            Assert.AreNotEqual(0xEF, bytes[0], path);
            Assert.AreEqual((byte)'\n', bytes[^1], path);
            Assert.DoesNotContain((byte)'\r', bytes, path);
        }
    }

    [TestMethod]
    public void Write_Provenance_LiesBeside()
    {
        LensCsvWriter.Write(_folder[""], Samples.Report());

        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder["provenance.json"]));
        using var alone = JsonDocument.Parse(ProvenanceJson.Serialize(Samples.Provenance));
        Assert.IsTrue(JsonElement.DeepEquals(alone.RootElement, json.RootElement));
    }

    [TestMethod]
    public void Write_TextOfATokenFailsInTheMiddle_LeavesTheFolderAsItWas()
    {
        LensCsvWriter.Write(_folder[""], Samples.Report(6));
        byte[][] before = [.. _folder.Names.Select(name => File.ReadAllBytes(_folder[name]))];
        int asked = 0;
        LensReport faulty = Samples.Report(6) with { Sequence = 9, TokenText = id => ++asked < 3 ? "x" : throw new FormatException() };

        Assert.ThrowsExactly<FormatException>(() => LensCsvWriter.Write(_folder[""], faulty));

        CollectionAssert.AreEqual(new[] { "cells.csv", "provenance.json", "targets.csv", "topk.csv" }, _folder.Names);
        for (int i = 0; i < 4; i++)
            CollectionAssert.AreEqual(before[i], File.ReadAllBytes(_folder[_folder.Names[i]]), _folder.Names[i]);
    }

    [TestMethod]
    public void Write_FolderIsAFile_NamesThePath()
    {
        File.WriteAllText(_folder["taken"], "x");

        OutputException refusal = Assert.ThrowsExactly<OutputException>(() => LensCsvWriter.Write(_folder["taken"], Samples.Report()));

        Assert.Contains(_folder["taken"], refusal.Message);
    }

    [TestMethod]
    public void Write_PositionOutsideTheSequence_IsTheCallersFault()
    {
        LensReport report = Samples.Report();

        Assert.ThrowsExactly<ArgumentException>(() => LensCsvWriter.Write(_folder[""], report with { Tokens = report.Tokens[..7] }));
        Assert.IsEmpty(_folder.Names);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static void AssertBits(float expected, string actual)
    {
        if (float.IsNaN(expected))
            Assert.AreEqual("", actual);
        else
            Assert.AreEqual(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(float.Parse(actual, CultureInfo.InvariantCulture)));
    }
}
