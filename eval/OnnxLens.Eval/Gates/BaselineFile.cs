using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace OnnxLens.Eval.Gates;

/// <summary>The JSON form of a <see cref="GateBaseline"/>, made to be read and changed by hand. Described in <c>eval/README.md</c>.</summary>
public static class BaselineFile
{
    private static readonly JsonWriterOptions Form = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>Reads a file. A member that means nothing is refused, for it may be one with a slip in its name.</summary>
    /// <exception cref="EvalException">The file cannot be read, is no such JSON, or has something twice.</exception>
    public static GateBaseline Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return JsonMembers.ReadFile(path, "Mend the baseline, or write it again with 'onnxlens gate --update'.", file =>
        {
            file.RefuseOthersThan("bundle_hash", "multipliers", "require_bundle", "tolerance", "anti_steerable_allowance", "max_perplexity_ratio", "entries");
            var usual = new GateBaseline { Entries = [] };
            GateBaseline baseline = usual with
            {
                BundleHash = file.OptionalText("bundle_hash"),
                Multipliers = file.OptionalText("multipliers"),
                RequireBundle = file.OptionalFlag("require_bundle") ?? usual.RequireBundle,
                Tolerance = file.OptionalWidth("tolerance") ?? usual.Tolerance,
                AntiSteerableAllowance = file.OptionalFraction("anti_steerable_allowance") ?? usual.AntiSteerableAllowance,
                MaxPerplexityRatio = file.OptionalPositive("max_perplexity_ratio"),
                Entries = [.. file.Objects("entries").Select(Entry)],
            };
            file.RefuseTwice(baseline.Entries.Select(entry => entry.Key));
            return baseline.RequireBundle && baseline.BundleHash is null
                ? throw file.Expected("bundle_hash", "the hash of the bundle that 'require_bundle' asks for")
                : baseline;
        });
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Write(string path, GateBaseline baseline)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(baseline);
        AtomicFile.Write(path, stream =>
        {
            using (var json = new Utf8JsonWriter(stream, Form))
            {
                Write(json, baseline);
            }

            stream.WriteByte((byte)'\n');
        });
    }

    private static GateEntry Entry(JsonMembers entry)
    {
        entry.RefuseOthersThan("dataset", "vector", "site", "layer", "samples", "mean_slope", "tolerance", "interval", "anti_steerable", "max_anti_steerable", "max_perplexity_ratio");
        return new GateEntry
        {
            Key = entry.Key(),
            Samples = entry.Whole("samples", least: 1),
            MeanSlope = entry.Number("mean_slope"),
            Tolerance = entry.OptionalWidth("tolerance"),
            Interval = entry.OptionalInterval("interval"),
            AntiSteerable = entry.Fraction("anti_steerable"),
            MaxAntiSteerable = entry.OptionalFraction("max_anti_steerable"),
            MaxPerplexityRatio = entry.OptionalPositive("max_perplexity_ratio"),
        };
    }

    private static void Write(Utf8JsonWriter json, GateBaseline baseline)
    {
        json.WriteStartObject();
        json.WriteString("bundle_hash", baseline.BundleHash);
        json.WriteString("multipliers", baseline.Multipliers);
        json.WriteBoolean("require_bundle", baseline.RequireBundle);
        json.WriteNumber("tolerance", baseline.Tolerance);
        json.WriteNumber("anti_steerable_allowance", baseline.AntiSteerableAllowance);
        WriteLimit(json, "max_perplexity_ratio", baseline.MaxPerplexityRatio);
        json.WriteStartArray("entries");
        foreach (GateEntry entry in baseline.Entries)
        {
            Write(json, entry);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GateEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("dataset", entry.Key.Dataset);
        json.WriteString("vector", entry.Key.Vector);
        json.WriteString("site", Bundles.Sites.Name(entry.Key.Point.Site));
        json.WriteNumber("layer", entry.Key.Point.Layer);
        json.WriteNumber("samples", entry.Samples);
        json.WriteNumber("mean_slope", entry.MeanSlope);
        WriteLimit(json, "tolerance", entry.Tolerance);
        if (entry.Interval is { } interval)
        {
            json.WriteStartArray("interval");
            json.WriteNumberValue(interval.Low);
            json.WriteNumberValue(interval.High);
            json.WriteEndArray();
        }

        json.WriteNumber("anti_steerable", entry.AntiSteerable);
        WriteLimit(json, "max_anti_steerable", entry.MaxAntiSteerable);
        WriteLimit(json, "max_perplexity_ratio", entry.MaxPerplexityRatio);
        json.WriteEndObject();
    }

    private static void WriteLimit(Utf8JsonWriter json, string name, double? limit)
    {
        if (limit is double value)
        {
            json.WriteNumber(name, value);
        }
    }
}
