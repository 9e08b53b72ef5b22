using System.Collections.Immutable;

namespace OnnxLens.Bench.Measuring;

/// <summary>The steps of a phase that are measured. Where there are too many, those in the middle of each of some equal stretches stand for their stretch.</summary>
/// <param name="Steps">Steps of the phase.</param>
/// <param name="Runs">Those measured, ascending.</param>
internal sealed record StepSample(int Steps, ImmutableArray<StepRun> Runs)
{
    /// <summary>Steps that are measured.</summary>
    public int Measured => Runs.Sum(run => run.Count);

    /// <summary>True where every step is measured.</summary>
    public bool IsWhole => Measured == Steps;

    /// <summary>Chooses. A phase of up to twice as many steps is measured whole: a step that is sought has another, unmeasured, before it.</summary>
    /// <param name="steps">Steps of the phase.</param>
    /// <param name="most">Those measured of a longer one, at least 1; one run at least.</param>
    /// <param name="inARow">Steps measured in a row, at least 1.</param>
    public static StepSample Of(int steps, int most, int inARow = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inARow, 1);
        bool isWhole = steps <= 2L * most;
        int runs = isWhole ? (steps + inARow - 1) / inARow : Math.Max(1, most / inARow);
        return new StepSample(steps, [.. Enumerable.Range(0, runs).Select(i => isWhole ? Next(i) : Middle(i))]);

        StepRun Next(int i)
        {
            int count = Math.Min(inARow, steps - (i * inARow));
            return new StepRun(i * inARow, count, count);
        }

        StepRun Middle(int i)
        {
            int start = Start(i);
            int stretch = Start(i + 1) - start;
            int count = Math.Min(inARow, stretch);
            return new StepRun(start + ((stretch - count) / 2), count, stretch);
        }

        int Start(int stretch) => (int)((long)stretch * steps / runs);
    }

    /// <summary>The whole phase's cost: the midpoint rule, exact for a cost that grows evenly within half a step.</summary>
    /// <param name="costs">The cost of a step of each run, in their order.</param>
    public double Total(IReadOnlyList<double> costs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(costs.Count, Runs.Length, nameof(costs));
        return costs.Select((cost, i) => cost * Runs[i].Stretch).Sum();
    }
}
