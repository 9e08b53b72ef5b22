using OnnxLens.Bundles;
using OnnxLens.Export.Instrument;

namespace OnnxLens.Cli.Rendering;

/// <summary>Says what was found in an ONNX decoder: as lines, and as members of a JSON object.</summary>
internal static class OnnxPrinter
{
    /// <summary>Prints lines of name and value.</summary>
    public static void Print(OnnxDescription found, Action<string, FormattableString> line)
    {
        line("graph", $"{found.Graph}{(found.Producer.Length == 0 ? "" : $", written by {found.Producer}")}, opset {found.Opset}");
        line("runs", $"{(found.WhyNotRun is null ? "on the CPU" : $"not on the CPU: {found.WhyNotRun}")}");
        line("cache", $"{CacheText(found.Cache)}");
        line("inputs", $"{string.Join(", ", found.Inputs.Select(input => $"{input.Input} ({input.Role})"))}");
        line("logits", $"{(found.HasLmHead ? found.HeadOutput : $"none: '{found.HeadOutput}' is the final norm; instrument with --lm-head")}");
        if (!found.HasEmbedding)
        {
            line("embedding", $"none; instrument with --embedding");
        }

        foreach ((HookPoint point, string value) in found.Sites.Where(site => site.Point.Layer == 0 || site.Point.Layer == found.Model.Layers - 1))
        {
            line(point.ToString(), $"{value}");
        }
    }

    /// <summary>Writes the member <c>onnx</c>.</summary>
    public static void Write(System.Text.Json.Utf8JsonWriter json, OnnxDescription found)
    {
        json.WriteStartObject("onnx");
        json.WriteString("graph", found.Graph);
        json.WriteString("producer", found.Producer);
        json.WriteNumber("opset", found.Opset);
        json.WriteString("why_not_run", found.WhyNotRun);
        json.WriteString("cache", CacheText(found.Cache));
        json.WriteString("logits", found.HasLmHead ? found.HeadOutput : null);
        json.WriteBoolean("has_embedding", found.HasEmbedding);
        json.WriteStartObject("inputs");
        foreach ((string input, string role) in found.Inputs)
        {
            json.WriteString(input, role);
        }

        json.WriteEndObject();
        json.WriteStartObject("site_values");
        foreach ((HookPoint point, string value) in found.Sites)
        {
            json.WriteString(point.ToString(), value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string CacheText(CacheForm cache)
    {
        string kind = cache.Kind switch
        {
            CacheKind.Shared => "shared buffer",
            CacheKind.Growing => "grows with every step",
            CacheKind.Scattered => "written by index",
            _ => "none: every step runs the whole sequence",
        };
        string form = cache.Layout == CacheLayout.HeadsFirst ? "[batch, heads, length, width]" : "[batch, length, heads · width]";
        return cache.Kind == CacheKind.None ? kind : $"{kind}, {form}, {cache.Precision}{(cache.Capacity is int entries ? $", {entries} entries" : "")}";
    }
}
