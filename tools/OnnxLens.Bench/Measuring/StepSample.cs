using System.Collections.Immutable;

namespace OnnxLens.Bench.Measuring;

/// <summary>The steps of a phase that are measured. Where there are too many, the middle one of each of so many equal stretches stands for its stretch.</summary>
/// <param name="Steps">Steps of the phase.</param>
/// <param name="Chosen">Those measured, ascending.</param>
internal sealed record StepSample(int Steps, ImmutableArray<int> Chosen)
{
    /// <summary>True where every step is measured.</summary>
    public bool IsWhole => Chosen.Length == Steps;

    /// <summary>Chooses. A phase of up to twice as many steps is measured whole: a step that is sought has another, unmeasured, before it.</summary>
    /// <param name="steps">Steps of the phase.</param>
    /// <param name="most">Those measured of a longer one, at least 1.</param>
    public static StepSample Of(int steps, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        int count = steps <= 2L * most ? steps : most;
        return new StepSample(steps, [.. Enumerable.Range(0, count).Select(i => (Start(steps, count, i) + Start(steps, count, i + 1) - 1) / 2)]);
    }

    /// <summary>The whole phase's cost: the midpoint rule, exact for a cost that grows evenly within half a step.</summary>
    /// <param name="costs">The cost of each chosen step, in their order.</param>
    public double Total(IReadOnlyList<double> costs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(costs.Count, Chosen.Length, nameof(costs));
        return costs.Select((cost, i) => cost * (Start(Steps, costs.Count, i + 1) - Start(Steps, costs.Count, i))).Sum();
    }

    /// <summary>Where a stretch begins.</summary>
    private static int Start(int steps, int count, int stretch) => (int)((long)stretch * steps / count);
}
