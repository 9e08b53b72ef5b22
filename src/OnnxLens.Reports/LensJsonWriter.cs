using System.Text.Json;
using OnnxLens.Bundles;

namespace OnnxLens.Reports;

/// <summary>Writes a lens report as one JSON file.</summary>
/// <remarks>
/// Keys: <c>schema</c>, <c>provenance</c>, <c>sequence</c>, <c>top_k</c>, <c>component_sites</c> (sites of the report whose
/// value is what a component reads or adds, not the residual stream, so that their lens is no logit lens), <c>tokens</c>
/// (the whole sequence), and <c>cells</c>, <c>topk</c>, <c>targets</c>: the rows of the CSV files with their columns as keys.
/// Undefined is null; an infinite number is the text <c>"Infinity"</c> or <c>"-Infinity"</c>.
/// </remarks>
public static class LensJsonWriter
{
    /// <summary>The number that changes when the meaning of a key does.</summary>
    public const int Schema = 1;

    /// <summary>Writes the file; an existing one is replaced when the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="report">What to write.</param>
    /// <exception cref="ArgumentException">The report's parts do not fit together.</exception>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static void Write(string path, LensReport report)
    {
        var tables = new LensTables(report);
        AtomicFile.Write(path, stream => JsonFiles.Write(stream, indented: false, json => WriteReport(json, report, tables)));
    }

    private static void WriteReport(Utf8JsonWriter json, LensReport report, LensTables tables)
    {
        json.WriteStartObject();
        json.WriteNumber("schema", Schema);
        json.WritePropertyName("provenance");
        ProvenanceJson.Write(json, report.Provenance);
        json.WriteNumber("sequence", report.Sequence);
        json.WriteNumber("top_k", report.Grid.TopK);
        json.WriteStartArray("component_sites");
        foreach (Site site in Sites.All.Where(site => !site.IsResidual() && report.Grid.Points.Any(point => point.Site == site)))
            json.WriteStringValue(site.Name());
        json.WriteEndArray();
        WriteTokens(json, report);
        WriteTable(json, "cells", tables.Cells);
        WriteTable(json, "topk", tables.Top);
        WriteTable(json, "targets", tables.Targets);
        json.WriteEndObject();
    }

    private static void WriteTokens(Utf8JsonWriter json, LensReport report)
    {
        json.WriteStartArray("tokens");
        for (int position = 0; position < report.Tokens.Length; position++)
        {
            ReportToken token = report.Tokens[position];
            json.WriteStartObject();
            json.WriteNumber("position", position);
            json.WriteNumber("id", token.Id);
            json.WriteString("text", token.Text);
            json.WriteString("phase", LensTables.Name(token.Phase));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTable(Utf8JsonWriter json, string name, Action<IRowSink> table)
    {
        json.WriteStartArray(name);
        table(new JsonRowSink(json));
        json.WriteEndArray();
    }
}
