using System.Text.RegularExpressions;
using OnnxLens.Bundles;
using OnnxLens.Reports.Drift;
using OnnxLens.Reports.Extraction;
using OnnxLens.Reports.Sweeps;
using OnnxLens.Steering;
using OnnxLens.Testing;
using Parquet.Schema;

namespace OnnxLens.Reports.Tests;

/// <summary>The notebooks say in <c>tables.py</c> what the columns of the tables are; the Parquet files say it themselves. Both say the same.</summary>
[TestClass]
public sealed partial class NotebookTablesTests : IDisposable
{
    private static readonly string Tables = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "eval", "notebooks", "tables.py"));

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Columns_OfTheParquetFiles_AreOfTheKindsThatTheNotebooksName()
    {
        DataField[] fields = [.. Read().SelectMany(table => table.Fields)];

        AssertNamed("TEXT", fields, field => field.ClrType == ParquetTable.Text);
        AssertNamed("WHOLE_OR_NONE", fields, field => field.ClrType == typeof(int) && field.IsNullable);
        AssertNamed("FLOAT32", fields, field => field.ClrType == typeof(float));
    }

    [TestMethod]
    public void Columns_OfOneName_AreOfOneKindInEveryTable()
    {
        foreach (IGrouping<string, DataField> name in Read().SelectMany(table => table.Fields).GroupBy(field => field.Name))
            Assert.HasCount(1, name.Select(field => field.ClrType).Distinct(), name.Key);
    }

    private static void AssertNamed(string list, DataField[] fields, Func<DataField, bool> isOfTheKind)
    {
        string[] named = [.. Word().Matches(Regex.Match(Tables, $@"^{list} = \[(.*)\]$", RegexOptions.Multiline).Groups[1].Value).Select(match => match.Groups[1].Value)];
        string[] expected = [.. fields.Where(isOfTheKind).Select(field => field.Name).Distinct().Order(StringComparer.Ordinal)];
        Assert.AreSequenceEqual(expected, named, list);
    }

    /// <summary>Every table that a notebook can read.</summary>
    private ParquetTable[] Read()
    {
        LensParquetWriter.Write(_folder["lens"], Samples.Report(6, 2));
        SweepParquetWriter.Write(_folder["sweep"], SweepSamples.Report);
        DriftParquetWriter.Write(_folder["drift"], DriftSamples.Report());
        ExtractionParquetWriter.Write(_folder["sweep/extraction.parquet"], [new(new HookPoint(Site.MlpIn, 3), 40, 1.5, 0.1, 0.875, 0.75, 8, 0.25, 2.5, [])], new VectorOrigin());
        return [.. Directory.GetFiles(_folder[""], "*.parquet", SearchOption.AllDirectories).Select(ParquetTable.Read)];
    }

    [GeneratedRegex("\"([^\"]+)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
