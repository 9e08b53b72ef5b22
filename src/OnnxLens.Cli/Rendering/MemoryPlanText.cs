using System.Globalization;
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

    /// <summary>One line.</summary>
    public static string Line(MemoryPlan plan) =>
        "memory beyond the weights, as planned: " + string.Join("; ", Parts(plan).Select(part => $"{part.Name} {ByteSize.Of(part.Bytes)}{(part.Remark.Length == 0 ? "" : $" ({part.Remark})")}"));

    private static string Count(int count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");
}
