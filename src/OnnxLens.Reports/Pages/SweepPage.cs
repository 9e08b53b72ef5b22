using System.Text.Json;
using OnnxLens.Eval.Extraction;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Reports.Extraction;
using OnnxLens.Reports.Sweeps;

namespace OnnxLens.Reports.Pages;

/// <summary>Writes a sweep as a page: one HTML file that shows slopes, curves, samples and verdicts in a browser and needs nothing else.</summary>
/// <remarks>
/// The page holds the rows of the tables as they are (<see cref="SweepCsvWriter"/>), what <c>summary.json</c> has besides, and the
/// provenance. It asks for nothing, and runs nothing that a name could bring in.
/// </remarks>
public static class SweepPage
{
    internal const string Kind = "sweep";

    private const string Remedy = "fewer samples, vectors, layers, sites or multipliers";

    /// <summary>Refuses a sweep of which no page can be made, before it is run.</summary>
    /// <param name="cells">Its cells: samples × vectors at their hook points × multipliers, without controls.</param>
    /// <exception cref="PageException">The page would hold more than browsers open, which is 256 MiB of numbers.</exception>
    public static void RequireSize(long cells) => PageSize.Require(cells * ColumnSink.RowBytes(SweepColumns.Sample), Remedy);

    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">What to show.</param>
    /// <param name="extraction">The quality of the vectors that were extracted for the sweep, one for each hook point; empty where none were.</param>
    /// <exception cref="ArgumentException">A curve has not one value, and not one interval or none, for each multiplier.</exception>
    /// <exception cref="PageException">The page would hold more than browsers open.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, SweepReport report, IReadOnlyList<ExtractionQuality> extraction)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(extraction);
        CurveShape.Check(report);
        PageRun run = Run(report, extraction);
        PageSize.Require(run.Bytes, Remedy);
        PageFile.Write(path, Kind, run.Write);
    }

    private static PageRun Run(SweepReport report, IReadOnlyList<ExtractionQuality> extraction)
    {
        var tables = new SweepTables(report);
        var run = new PageRun(Kind);
        run.Add("provenance", json => JsonSerializer.Serialize(json, report.Provenance, JsonFiles.Members));
        run.Add("interval_level", json => json.WriteNumberValue(report.IntervalLevel));
        ColumnSink.Add(run, "verdicts", tables.Verdicts);
        ColumnSink.Add(run, "summary", tables.Summaries);
        ColumnSink.Add(run, "judgements", tables.Judgements);
        ColumnSink.Add(run, "letters", tables.Letters);
        ColumnSink.Add(run, "curves", tables.Curves);
        ColumnSink.Add(run, "slopes", tables.Slopes);
        ColumnSink.Add(run, "samples", tables.Samples);
        ColumnSink.Add(run, "cost", tables.Costs);
        ColumnSink.Add(run, "extraction", sink => ExtractionTable.Write(sink, extraction));
        return run;
    }
}
