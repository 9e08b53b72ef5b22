using System.Collections.Immutable;

namespace OnnxLens.Reports;

/// <summary>Writes a lens report as Parquet files in a folder: the tables of <see cref="LensCsvWriter"/>, with the same columns.</summary>
/// <remarks>
/// <c>cells.parquet</c>, <c>topk.parquet</c>, <c>targets.parquet</c> (only where targets were asked for) and <c>provenance.json</c>, which
/// each file also has as its metadata <c>onnxlens.provenance</c>. Whole numbers have 32 bits, and so have log-probabilities and entropies;
/// undefined is null. The files are replaced together, when all of them are complete; a <c>targets.parquet</c> of an earlier report that
/// this one does not have is removed.
/// </remarks>
public static class LensParquetWriter
{
    /// <summary>The names of all files that a report can have in its folder.</summary>
    public static ImmutableArray<string> FileNames { get; } = ParquetFiles.FileNames(LensTables.Names);

    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="report">What to write.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="ArgumentException">The report's parts do not fit together.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static IReadOnlyList<string> Write(string folder, LensReport report) =>
        ParquetFiles.Write(folder, new LensTables(report).All, LensTables.Names, report.Provenance);
}
