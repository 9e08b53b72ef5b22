using System.Collections.Immutable;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Reports.Sweeps;

/// <summary>Writes a sweep as Parquet files in a folder: the tables of <see cref="SweepCsvWriter"/>, with the same columns.</summary>
/// <remarks>
/// <c>samples.parquet</c>, <c>slopes.parquet</c>, <c>summary.parquet</c>, <c>curves.parquet</c>, <c>cost.parquet</c> (only where costs were
/// measured) and <c>provenance.json</c>, which each file also has as its metadata <c>onnxlens.provenance</c>. Logits have 32 bits, other
/// reals 64; undefined is null. The files are replaced together, when all of them are complete; a <c>cost.parquet</c> of an earlier sweep
/// that this one does not have is removed.
/// </remarks>
public static class SweepParquetWriter
{
    /// <summary>The names of all files that a sweep can have in its folder.</summary>
    public static ImmutableArray<string> FileNames { get; } = ParquetFiles.FileNames(SweepTables.Names);

    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="report">What to write.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="ArgumentException">A curve has not one value, and not one interval or none, for each multiplier.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static IReadOnlyList<string> Write(string folder, SweepReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        CurveShape.Check(report);
        return ParquetFiles.Write(folder, new SweepTables(report).All, SweepTables.Names, report.Provenance);
    }
}
