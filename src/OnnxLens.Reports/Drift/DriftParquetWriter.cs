using System.Collections.Immutable;
using OnnxLens.Eval.Drift;

namespace OnnxLens.Reports.Drift;

/// <summary>Writes a drift report as Parquet files in a folder: the tables of <see cref="DriftWriter"/>, with the same columns.</summary>
/// <remarks>
/// <c>drift.parquet</c>, <c>drift_positions.parquet</c>, <c>drift_slopes.parquet</c> and <c>drift_samples.parquet</c> (only where slopes were
/// measured) and <c>provenance.json</c>, which each file also has as its metadata <c>onnxlens.provenance</c>. Reals have 64 bits; undefined
/// is null. The files are replaced together, when all of them are complete; tables of slopes of an earlier report that this one does not
/// have are removed.
/// </remarks>
public static class DriftParquetWriter
{
    /// <summary>The names of all files that a report can have in its folder.</summary>
    public static ImmutableArray<string> FileNames { get; } = ParquetFiles.FileNames(DriftTables.Names);

    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="report">What to write.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static IReadOnlyList<string> Write(string folder, DriftReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return ParquetFiles.Write(folder, new DriftTables(report).All, DriftTables.Names, report.Provenance);
    }
}
