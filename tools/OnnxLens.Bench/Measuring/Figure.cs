namespace OnnxLens.Bench.Measuring;

/// <summary>One measured number.</summary>
/// <param name="Scenario">The scenario it comes from.</param>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Its unit; empty for a ratio.</param>
/// <param name="Value">The number.</param>
/// <param name="Bound">What it is held to, or null.</param>
internal sealed record Figure(string Scenario, string Name, string Unit, Spread Value, Bound? Bound = null)
{
    /// <summary>True, or null where there is no bound.</summary>
    public bool? Holds => Bound?.Holds(Value);
}
