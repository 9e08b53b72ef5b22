using System.Diagnostics;

namespace OnnxLens.Bench.Measuring;

/// <summary>Steps of like cost that one job does before another has its turn.</summary>
/// <remarks>
/// The first step of a turn meets memory that the others' turns have made cold, as no step of a model that runs alone does: caches and, where a system
/// watches which pages are used, page tables. It can take ten times as long, and the more so the more jobs there are.
/// </remarks>
internal static class Turn
{
    /// <summary>Steps of a turn.</summary>
    public const int Steps = 8;

    /// <summary>Runs the steps of a turn.</summary>
    /// <param name="count">Steps, at least one.</param>
    /// <param name="run">Runs one, counted from 0.</param>
    /// <returns>What a step costs, in seconds.</returns>
    public static double Time(int count, Action<int> run)
    {
        double[] costs = new double[count];
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            run(i);
            costs[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return StepCost(costs);
    }

    /// <summary>What a step of a turn costs: the median of those after the first, where there are any.</summary>
    /// <param name="costs">Of the turn's steps, at least one.</param>
    public static double StepCost(ReadOnlySpan<double> costs) => Spread.Of((costs.Length > 1 ? costs[1..] : costs).ToArray()).Median;
}
