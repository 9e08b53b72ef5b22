using System.Collections.Immutable;

namespace OnnxLens.Reports;

/// <summary>Writes a lens report as tidy CSV files in a folder.</summary>
/// <remarks>
/// <c>cells.csv</c>, <c>topk.csv</c>, <c>targets.csv</c> (only where targets were asked for) and <c>provenance.json</c>.
/// Log-probabilities are natural, ranks count from 0, undefined values are empty. The files are replaced together, when all
/// of them are complete; a <c>targets.csv</c> of an earlier report that this one does not have is removed.
/// </remarks>
public static class LensCsvWriter
{
    /// <summary>The names of the tables' files, in the order of <see cref="LensTables.Parts"/>.</summary>
    internal static ImmutableArray<string> TableFiles { get; } = CsvFiles.FileNames(LensTables.Names);

    /// <summary>The names of all files that a report can have in its folder.</summary>
    public static ImmutableArray<string> FileNames { get; } = [.. TableFiles, ReportFolder.Origin];

    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="report">What to write.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="ArgumentException">The report's parts do not fit together.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static IReadOnlyList<string> Write(string folder, LensReport report) =>
        CsvFiles.Write(folder, new LensTables(report).All, FileNames, (ReportFolder.Origin, stream => JsonFiles.WriteMembers(stream, report.Provenance)));
}
