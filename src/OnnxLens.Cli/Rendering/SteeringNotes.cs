using System.Collections.Immutable;

namespace OnnxLens.Cli.Rendering;

/// <summary>What was steered, in words.</summary>
internal static class SteeringNotes
{
    /// <summary>A line for each operation: proof that it was applied, and how often.</summary>
    public static List<string> Applied(ImmutableArray<SteeringRecord> records) =>
        [.. records.Select(record => $"steered: {record.Operator} {record.Vector}@{record.Point}*{record.Strength} at {record.Positions}, applied at {record.Applied} position(s)")];
}
