using OnnxLens.Export.Planning;

namespace OnnxLens.Cli.Models;

/// <summary>The plan of an export, and what was asked about it.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="DeviceBytes">What one device holds; null where nobody asked.</param>
/// <param name="Least">The fewest devices by how much is kept captured, null where no number is enough; empty where nobody asked.</param>
/// <param name="Bandwidth">Bytes per second that one device reads; null where nobody asked.</param>
internal sealed record PlanReport(ExportPlan Plan, long? DeviceBytes, IReadOnlyDictionary<CaptureExtent, int?> Least, long? Bandwidth)
{
    /// <summary>Works it out.</summary>
    public static PlanReport Of(ExportPlanner planner, long? deviceBytes, long? bandwidth)
    {
        var least = new Dictionary<CaptureExtent, int?>();
        foreach (CaptureExtent extent in deviceBytes is null ? [] : Enum.GetValues<CaptureExtent>())
        {
            least[extent] = planner.Least(deviceBytes!.Value, extent)?.Shards.Length;
        }

        return new PlanReport(planner.Plan(), deviceBytes, least, bandwidth);
    }
}
