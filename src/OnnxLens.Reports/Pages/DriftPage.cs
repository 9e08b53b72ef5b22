using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Reports.Drift;

namespace OnnxLens.Reports.Pages;

/// <summary>Writes a drift report as a page: one HTML file that shows in a browser where two bundles part, and needs nothing else.</summary>
/// <remarks>
/// The page holds the rows of the tables as they are (<see cref="DriftWriter"/>), the texts of the tokens that they name, and the
/// provenance. It asks for nothing, and runs nothing that a token's text could bring in.
/// </remarks>
public static class DriftPage
{
    internal const string Kind = "drift";

    private const string Remedy = "fewer prompts, positions, layers or sites";

    /// <summary>Refuses a comparison of which no page can be made, before it is run.</summary>
    /// <param name="cells">Its cells: hook points × positions of all prompts.</param>
    /// <exception cref="PageException">The page would hold more than browsers open, which is 256 MiB of numbers.</exception>
    public static void RequireSize(long cells) => PageSize.Require(cells * ColumnSink.RowBytes(DriftTables.PositionColumns), Remedy);

    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">What to show.</param>
    /// <exception cref="PageException">The page would hold more than browsers open.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, DriftReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        PageRun run = Run(report);
        PageSize.Require(run.Bytes, Remedy);
        PageFile.Write(path, Kind, run.Write);
    }

    private static PageRun Run(DriftReport report)
    {
        var tables = new DriftTables(report);
        var run = new PageRun(Kind);
        run.Add("provenance", json => JsonSerializer.Serialize(json, report.Provenance, JsonFiles.Members));
        run.Add("interval_level", json => WriteLevel(json, report.IntervalLevel));
        run.Add("cosine_quantile", json => json.WriteNumberValue(DriftSummarizer.LowQuantile));
        run.Add("final", json => WritePoint(json, report.Final));
        run.Add("looks_like_two_models", json => json.WriteBooleanValue(report.LooksLikeTwoModels));
        run.Add("texts", json => PageTexts.Write(json, Ids(report), report.TokenText));
        ColumnSink.Add(run, "drift", tables.Points);
        ColumnSink.Add(run, "drift_positions", tables.Positions);
        ColumnSink.Add(run, "drift_slopes", tables.Slopes);
        ColumnSink.Add(run, "drift_samples", tables.Samples);
        return run;
    }

    private static void WriteLevel(Utf8JsonWriter json, double? level)
    {
        if (level is double known)
            json.WriteNumberValue(known);
        else
            json.WriteNullValue();
    }

    private static void WritePoint(Utf8JsonWriter json, HookPoint point)
    {
        json.WriteStartObject();
        json.WriteString("site", point.Site.Name());
        json.WriteNumber("layer", point.Layer);
        json.WriteEndObject();
    }

    /// <summary>Every id that the tables name; −1 where there is none.</summary>
    private static IEnumerable<int> Ids(DriftReport report) =>
        report.Cells.SelectMany(cell => new[] { cell.Token, cell.Next ?? -1, cell.Comparison.Logits.ReferenceTop, cell.Comparison.Logits.OtherTop });
}
