using System.Globalization;
using System.Text.Json;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Rendering;

/// <summary>A plan of memory in words.</summary>
internal static class MemoryPlanText
{
    /// <summary>Every part by name, the sum last.</summary>
    public static IEnumerable<(string Name, long Bytes, string Remark)> Parts(MemoryPlan plan)
    {
        yield return ("KV cache", plan.CacheBytes, Count(plan.Length, "position"));
        yield return ("captures", plan.CaptureBytes, plan.IsWindowed ? $"{Count(plan.Window, "position")} at once, decoded and released while the run goes on" : "all positions");
        yield return ("prefill", plan.PrefillBytes, $"chunks of {Count(plan.ChunkLength, "position")}");
        yield return ("LM head", plan.HeadBytes, $"calls of {Count(plan.HeadRows, "row")}");
        yield return ("results", plan.ResultBytes, "");
        yield return ("other", plan.OtherBytes, "");
        yield return ("total", plan.TotalBytes, plan.Budget == long.MaxValue ? "nothing bounds it" : $"of {ByteSize.Of(plan.Budget)} that may be used");
    }

    /// <summary>A line for each part, or one JSON object.</summary>
    public static void Print(TextWriter output, MemoryPlan plan, bool json)
    {
        if (json)
        {
            JsonLines.Write(output, writer => Write(writer, plan), indented: true);
            return;
        }

        foreach ((string name, long bytes, string remark) in Parts(plan))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-10}{ByteSize.Of(bytes),12}  {remark}").TrimEnd());
        }
    }

    private static void Write(Utf8JsonWriter json, MemoryPlan plan)
    {
        json.WriteStartObject();
        json.WriteNumber("length", plan.Length);
        json.WriteNumber("window", plan.Window);
        json.WriteNumber("chunk_length", plan.ChunkLength);
        json.WriteNumber("head_rows", plan.HeadRows);
        json.WriteNumber("cache_bytes", plan.CacheBytes);
        json.WriteNumber("capture_bytes", plan.CaptureBytes);
        json.WriteNumber("prefill_bytes", plan.PrefillBytes);
        json.WriteNumber("head_bytes", plan.HeadBytes);
        json.WriteNumber("result_bytes", plan.ResultBytes);
        json.WriteNumber("other_bytes", plan.OtherBytes);
        json.WriteNumber("total_bytes", plan.TotalBytes);
        if (plan.Budget == long.MaxValue)
        {
            json.WriteNull("budget_bytes");
        }
        else
        {
            json.WriteNumber("budget_bytes", plan.Budget);
        }

        json.WriteEndObject();
    }

    /// <summary>One line.</summary>
    public static string Line(MemoryPlan plan) =>
        "memory beyond the program with its weights, as planned: " + string.Join("; ", Parts(plan).Select(part => $"{part.Name} {ByteSize.Of(part.Bytes)}{(part.Remark.Length == 0 ? "" : $" ({part.Remark})")}"));

    private static string Count(int count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");
}
