using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Extraction;
using OnnxLens.Reports.Drift;
using OnnxLens.Reports.Extraction;
using OnnxLens.Reports.Sweeps;
using OnnxLens.Steering;
using Parquet.Schema;

namespace OnnxLens.Reports.Tests;

/// <summary>Parquet files hold what the CSV files of the same report hold.</summary>
[TestClass]
public sealed class ParquetWriterTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Write_Lens_EqualsTheCsvValueByValue()
    {
        LensReport report = Samples.Report(6, 2);
        LensCsvWriter.Write(_folder[""], report);
        IReadOnlyList<string> written = LensParquetWriter.Write(_folder[""], report);

        Assert.AreSequenceEqual(new[] { "cells.parquet", "topk.parquet", "targets.parquet", "provenance.json" }.Select(name => _folder[name]).ToArray(), written.ToArray());
        AssertEqualTables("cells", "topk", "targets");
        Assert.AreEqual(ProvenanceJson.Serialize(Samples.Provenance), ParquetTable.Read(_folder["cells.parquet"]).Provenance);
        DataField[] cells = ParquetTable.Read(_folder["cells.parquet"]).Fields;
        Assert.AreEqual((typeof(int), false), Of(cells, "position"));
        Assert.AreEqual((typeof(int), true), Of(cells, "next_id"));
        Assert.AreEqual((typeof(float), true), Of(cells, "entropy"));
        Assert.AreEqual((ParquetTable.Text, false), Of(cells, "token"));
    }

    [TestMethod]
    public void Write_Sweep_EqualsTheCsvValueByValue()
    {
        SweepCsvWriter.Write(_folder[""], SweepSamples.Report);
        SweepSamples.UnderCommas(() => SweepParquetWriter.Write(_folder[""], SweepSamples.Report));

        AssertEqualTables("samples", "slopes", "summary", "curves", "cost");
        Assert.AreEqual((typeof(float), true), Of(ParquetTable.Read(_folder["samples.parquet"]).Fields, "positive_logit"));
        using var provenance = JsonDocument.Parse(ParquetTable.Read(_folder["summary.parquet"]).Provenance);
        Assert.AreEqual(5_000_000_000, provenance.RootElement.GetProperty("additions_made").GetInt64());
    }

    [TestMethod]
    public void Write_Drift_EqualsTheCsvValueByValue()
    {
        DriftReport report = DriftSamples.Report();
        DriftWriter.Write(_folder[""], report);
        DriftParquetWriter.Write(_folder[""], report);

        AssertEqualTables("drift", "drift_positions", "drift_slopes", "drift_samples");
        using var beside = JsonDocument.Parse(File.ReadAllBytes(_folder["provenance.json"]));
        using var within = JsonDocument.Parse(ParquetTable.Read(_folder["drift.parquet"]).Provenance);
        Assert.IsTrue(JsonElement.DeepEquals(beside.RootElement, within.RootElement));
    }

    [TestMethod]
    public void Write_Extraction_EqualsTheCsvValueByValue()
    {
        ExtractionQuality[] qualities =
        [
            new(new HookPoint(Site.MlpIn, 3), 40, 1.5, 0.1, 0.875, 0.75, 8, 0.25, 2.5, []),
            new(new HookPoint(Site.ResidPost, 11), 1, 1e-7, double.NaN, null, null, 0, null, null, ["Norm is \"small\".", "One pair, no more."]),
        ];
        ExtractionCsvWriter.Write(_folder["extraction.csv"], qualities);
        ExtractionParquetWriter.Write(_folder["extraction.parquet"], qualities, new VectorOrigin { Dataset = "bold" });

        AssertEqualTables("extraction");
        Assert.Contains("\"dataset\":\"bold\"", ParquetTable.Read(_folder["extraction.parquet"]).Provenance);
    }

    [TestMethod]
    public void Write_TablesOfBefore_AreRemovedInThisFormAlone()
    {
        LensCsvWriter.Write(_folder[""], Samples.Report(6));
        LensParquetWriter.Write(_folder[""], Samples.Report(6));
        LensParquetWriter.Write(_folder[""], Samples.Report());
        Assert.AreSequenceEqual(["cells.csv", "cells.parquet", "provenance.json", "targets.csv", "topk.csv", "topk.parquet"], _folder.Names);

        SweepParquetWriter.Write(_folder["sweep"], SweepSamples.Report);
        SweepParquetWriter.Write(_folder["sweep"], SweepSamples.Report with { Costs = [] });
        Assert.IsFalse(File.Exists(_folder["sweep/cost.parquet"]));

        DriftParquetWriter.Write(_folder["drift"], DriftSamples.Report());
        DriftParquetWriter.Write(_folder["drift"], DriftSamples.Report() with { Slopes = [] });
        Assert.IsFalse(File.Exists(_folder["drift/drift_slopes.parquet"]));
        Assert.IsFalse(File.Exists(_folder["drift/drift_samples.parquet"]));
        Assert.IsTrue(File.Exists(_folder["drift/drift_positions.parquet"]));
    }

    [TestMethod]
    public void Write_TextOfATokenFailsInTheMiddle_LeavesTheFolderAsItWas()
    {
        LensParquetWriter.Write(_folder[""], Samples.Report(6));
        byte[][] before = [.. _folder.Names.Select(name => File.ReadAllBytes(_folder[name]))];
        int asked = 0;
        LensReport faulty = Samples.Report(6) with { Sequence = 9, TokenText = id => ++asked < 3 ? "x" : throw new FormatException() };

        Assert.ThrowsExactly<FormatException>(() => LensParquetWriter.Write(_folder[""], faulty));

        Assert.AreSequenceEqual(["cells.parquet", "provenance.json", "targets.parquet", "topk.parquet"], _folder.Names);
        for (int i = 0; i < 4; i++)
            CollectionAssert.AreEqual(before[i], File.ReadAllBytes(_folder[_folder.Names[i]]), _folder.Names[i]);
    }

    [TestMethod]
    public void Write_FolderIsAFile_NamesThePath()
    {
        File.WriteAllText(_folder["taken"], "x");

        OutputException refusal = Assert.ThrowsExactly<OutputException>(() => LensParquetWriter.Write(_folder["taken"], Samples.Report()));

        Assert.Contains(_folder["taken"], refusal.Message);
    }

    private static (Type, bool) Of(DataField[] fields, string name)
    {
        DataField field = fields.Single(field => field.Name == name);
        return (field.ClrType, field.IsNullable);
    }

    private void AssertEqualTables(params string[] names)
    {
        foreach (string name in names)
        {
            CsvTable csv = CsvTable.Read(_folder[name + ".csv"]);
            ParquetTable parquet = ParquetTable.Read(_folder[name + ".parquet"]);
            Assert.AreSequenceEqual(csv.Columns, parquet.Columns);
            Assert.HasCount(csv.Rows.Count, parquet.Rows, name);
            Assert.IsNotEmpty(csv.Rows, name);
            for (int row = 0; row < csv.Rows.Count; row++)
                Assert.AreSequenceEqual(csv.Rows[row], parquet.Rows[row]);
        }
    }
}
