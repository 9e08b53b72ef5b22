using System.Globalization;
using OnnxLens.Bench.Commands;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Ways;

namespace OnnxLens.Bench.Scenarios;

/// <summary>The longest job without a bound and within half of what that is planned to take: planned and measured memory, and what the window costs in time.</summary>
/// <remarks>Each in a process of its own. Every step is run.</remarks>
internal sealed class Windowed : IScenario
{
    private const double Megabyte = 1e6;
    private const double Apart = 1.15;

    /// <inheritdoc/>
    public string Name => "window";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        context.Bundle();
        int tokens = context.Options.Lengths.Max();
        WindowOnceResult whole = Measure(context, tokens, 0);
        WindowOnceResult window = Measure(context, tokens, whole.PlannedBytes / 2);
        foreach ((string what, WindowOnceResult result) in new[] { ("whole", whole), ("within half of that", window) })
        {
            yield return Of($"{what}, planned", "MB", result.PlannedBytes / Megabyte);
            yield return Of($"{what}, measured", "MB", result.PeakBytes / Megabyte);
            double apart = Math.Max((double)result.PlannedBytes / result.PeakBytes, (double)result.PeakBytes / result.PlannedBytes);
            yield return Of($"{what}, planned and measured, the larger ÷ the smaller", "", apart, Bound.AtMost(Apart));
        }

        yield return Of("positions whose captures are held at once", "", window.Window);
        yield return Of("measured ÷ what may be used, memory", "", (double)window.PeakBytes / window.BudgetBytes, Bound.AtMost(1));
        yield return Of("in a window ÷ whole, speed", "", whole.Seconds / window.Seconds);
        double kept = SelfProcess.Run<MemoryOnceResult>(
            "memory-once", "--checkpoint", context.Checkpoint, "--folder", context.Folder, "--way", AllWays.LogitsKept.Name,
            "--prompt", Text(context.Prompt().Length), "--tokens", Text(tokens), "--chunk", Text(context.Prompt().Length)).Result.PeakBytes;
        yield return Of("all logits kept ÷ in a window, memory", "", kept / window.PeakBytes, Bound.AtLeast(7));
    }

    private static WindowOnceResult Measure(BenchContext context, int tokens, long budget)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        context.Report($"{tokens} tokens within {(budget == 0 ? "no bound" : Text(budget) + " bytes")}");
        return SelfProcess.Run<WindowOnceResult>(
            "window-once", "--checkpoint", context.Checkpoint, "--folder", context.Folder,
            "--prompt", Text(context.Prompt().Length), "--tokens", Text(tokens), "--budget", Text(budget)).Result;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Figure Of(string what, string unit, double value, Bound? bound = null) => new(Name, what, unit, Spread.Single(value), bound);
}
