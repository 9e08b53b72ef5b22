namespace OnnxLens.Bench.Measuring;

/// <summary>One measured number.</summary>
/// <param name="Scenario">The scenario it comes from.</param>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Its unit; empty for a ratio.</param>
/// <param name="Value">The number.</param>
/// <param name="Bound">What it is held to, or null.</param>
internal sealed record Figure(string Scenario, string Name, string Unit, Spread Value, Bound? Bound = null)
{
    /// <summary>The case of several that were measured alike, as <c>T = 64</c>; empty where there is one.</summary>
    public string Case { get; init; } = string.Empty;

    /// <summary>Where not everything was run: the steps that were measured, from which the figure was extrapolated. Else null.</summary>
    public int? MeasuredSteps { get; init; }

    /// <summary>For a comparison: what the figure would keep if this program's way were the better one. No bound; where it is not kept, the page says so.</summary>
    public Bound? Better { get; init; }

    /// <summary>True, or null where there is no bound.</summary>
    public bool? Holds => Bound?.Holds(Value);
}
