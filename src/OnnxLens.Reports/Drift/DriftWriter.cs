using System.Collections.Immutable;
using System.Text.Json;
using OnnxLens.Eval.Drift;

namespace OnnxLens.Reports.Drift;

/// <summary>Writes a drift report as tidy CSV files and one JSON file in a folder.</summary>
/// <remarks>
/// <c>drift.csv</c> (each hook point), <c>drift_positions.csv</c> (each of its positions in each prompt), <c>drift_slopes.csv</c> and
/// <c>drift_samples.csv</c> (only where slopes were measured: each vector and hook point, and each of its samples), and
/// <c>drift.json</c>: <c>provenance</c>, <c>final</c> (the model's own output), <c>points</c> and <c>slopes</c>, with the columns of
/// the tables as keys. Cosine and relative difference are of activations, KL(A‖B) and entropies in nats over the whole vocabulary,
/// slopes logits per unit of the multiplier. Undefined is empty in CSV and null in JSON. The files are replaced together, when
/// all of them are complete; tables of slopes of an earlier report that this one does not have are removed.
/// </remarks>
public static class DriftWriter
{
    private const string Object = "drift.json";

    /// <summary>The names of all files that a report can have in its folder.</summary>
    public static ImmutableArray<string> FileNames { get; } = CsvFiles.FileNames(DriftTables.Names, Object);

    /// <summary>Writes the files.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="report">What to write.</param>
    /// <returns>The paths written.</returns>
    /// <exception cref="OutputException">The file system refused.</exception>
    public static IReadOnlyList<string> Write(string folder, DriftReport report)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(report);
        var tables = new DriftTables(report);
        return CsvFiles.Write(folder, tables.All, FileNames, (Object, stream => JsonFiles.Write(stream, indented: true, json => Write(json, report, tables))));
    }

    private static void Write(Utf8JsonWriter json, DriftReport report, DriftTables tables)
    {
        json.WriteStartObject();
        json.WritePropertyName("provenance");
        JsonSerializer.Serialize(json, report.Provenance, JsonFiles.Members);
        json.WritePropertyName("final");
        tables.Output(new JsonRowSink(json));
        Array("points", tables.Points);
        Array("slopes", tables.Slopes);
        json.WriteEndObject();

        void Array(string name, Action<IRowSink> table)
        {
            json.WriteStartArray(name);
            table(new JsonRowSink(json));
            json.WriteEndArray();
        }
    }
}
