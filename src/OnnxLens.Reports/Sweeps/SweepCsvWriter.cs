using System.Collections.Immutable;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Reports.Sweeps;

/// <summary>Writes a sweep as tidy CSV and JSON files in a folder.</summary>
/// <remarks>
/// <c>samples.csv</c> (each point of each sample), <c>slopes.csv</c> (each sample), <c>summary.csv</c> (each dataset, vector and
/// hook point), <c>curves.csv</c> (each multiplier of these), <c>cost.csv</c> (only where costs were measured),
/// <c>summary.json</c> (provenance, and the summaries with all that the tables leave out) and <c>provenance.json</c>.
/// Logits and propensities are natural, slopes are logits per unit of the multiplier, KL is in nats. Undefined is empty in CSV
/// and null in JSON. The files are replaced together, when all of them are complete; a <c>cost.csv</c> of an earlier sweep
/// that this one does not have is removed.
/// </remarks>
public static class SweepCsvWriter
{
    private const string SummaryObject = "summary.json";

    /// <summary>The names of all files that a sweep can have in its folder.</summary>
    public static ImmutableArray<string> FileNames { get; } = CsvFiles.FileNames(SweepTables.Names, SummaryObject, ReportFolder.Origin);

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
        return CsvFiles.Write(
            folder,
            new SweepTables(report).All,
            FileNames,
            (SummaryObject, stream => SweepSummaryJson.Write(stream, report)),
            (ReportFolder.Origin, stream => JsonFiles.WriteMembers(stream, report.Provenance)));
    }
}
