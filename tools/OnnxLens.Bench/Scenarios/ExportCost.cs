using OnnxLens.Bench.Commands;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Scenarios;

/// <summary>Time, memory and bytes written of one export, in a process of its own.</summary>
internal sealed class ExportCost : IScenario
{
    private const double Megabyte = 1e6;

    /// <inheritdoc/>
    public string Name => "export";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        var measured = new List<(double Seconds, ExportOnceResult Result)>();
        for (int repeat = 0; repeat < context.Repeats; repeat++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            context.Report($"export {repeat + 1} of {context.Repeats}");
            (ExportOnceResult result, double seconds) = SelfProcess.Run<ExportOnceResult>(
                "export-once", "--checkpoint", context.Checkpoint, "--out", Path.Combine(context.Folder, $"export-{repeat}"));
            measured.Add((seconds, result));
        }

        yield return Of("whole process", "s", item => item.Seconds, Bound.AtMost(5));
        yield return Of("export alone", "s", item => item.Result.Seconds, null);
        yield return Of("largest resident set, mapped weights counted", "MB", item => item.Result.PeakResidentBytes / Megabyte, Bound.AtMost(300));
        yield return Of("largest anonymous memory", "MB", item => item.Result.PeakAnonymousBytes / Megabyte, null);
        yield return Of("written, by the exporter's count", "MB", item => item.Result.BytesWritten / Megabyte, Bound.AtMost(5));
        yield return Of("files of the bundle, linked weights left out", "MB", item => item.Result.FileBytes / Megabyte, Bound.AtMost(5));
        yield return Of("written, by the kernel's count", "MB", item => item.Result.KernelBytesWritten / Megabyte, Bound.AtMost(5));

        Figure Of(string name, string unit, Func<(double Seconds, ExportOnceResult Result), double> value, Bound? bound) =>
            new(Name, name, unit, Spread.Of(measured.Select(value)), bound);
    }
}
