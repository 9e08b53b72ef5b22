using System.Globalization;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Eval.Drift;
using OnnxLens.Eval.Statistics;
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

    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">What to show.</param>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, DriftReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        PageFile.Write(path, Kind, Run(report).Write);
    }

    private static PageRun Run(DriftReport report)
    {
        var tables = new DriftTables(report);
        var run = new PageRun(Kind);
        run.Add("provenance", json => JsonSerializer.Serialize(json, report.Provenance, JsonFiles.Members));
        run.Add("interval_level", json => json.WriteNumberValue(new BootstrapOptions().Level));
        run.Add("cosine_quantile", json => json.WriteNumberValue(DriftSummarizer.LowQuantile));
        run.Add("final", json => WritePoint(json, report.Final));
        run.Add("looks_like_two_models", json => json.WriteBooleanValue(report.LooksLikeTwoModels));
        run.Add("texts", json => WriteTexts(json, report));
        ColumnSink.Add(run, "drift", tables.Points);
        ColumnSink.Add(run, "drift_positions", tables.Positions);
        ColumnSink.Add(run, "drift_slopes", tables.Slopes);
        ColumnSink.Add(run, "drift_samples", tables.Samples);
        return run;
    }

    private static void WritePoint(Utf8JsonWriter json, HookPoint point)
    {
        json.WriteStartObject();
        json.WriteString("site", point.Site.Name());
        json.WriteNumber("layer", point.Layer);
        json.WriteEndObject();
    }

    /// <summary>The display form of every id that the tables name, keys are ids, ascending.</summary>
    private static void WriteTexts(Utf8JsonWriter json, DriftReport report)
    {
        json.WriteStartObject();
        IEnumerable<int> ids = report.Cells.SelectMany(cell => new[] { cell.Token, cell.Next ?? -1, cell.Comparison.Logits.ReferenceTop, cell.Comparison.Logits.OtherTop });
        foreach (int id in ids.Where(id => id >= 0).Distinct().Order())
            json.WriteString(id.ToString(CultureInfo.InvariantCulture), report.TokenText(id));
        json.WriteEndObject();
    }
}
