using OnnxLens.Bench.Commands;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Ways;
using OnnxLens.Bundles;

namespace OnnxLens.Bench.Scenarios;

/// <summary>Opening an exported bundle, in a process of its own, and how much of its files that reads.</summary>
internal sealed class LoadCost : IScenario
{
    private const double Megabyte = 1e6;

    /// <inheritdoc/>
    public string Name => "load";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        (double mapped, double bf16) = (Bytes(context.Bundle()), Bytes(context.Bundle(WeightForm.Bf16)));
        yield return new Figure(Name, "files of the bundle, weights counted", "MB", Spread.Single(mapped / Megabyte));
        yield return new Figure(Name, "files of the bundle, weights counted, stored in bf16", "MB", Spread.Single(bf16 / Megabyte));
        foreach ((string name, WeightForm form, double files) in new[]
        {
            ("as mapped", WeightForm.Mapped, mapped),
            ("stored in bf16", WeightForm.Bf16, bf16),
        })
        {
            LoadTime[] times = InProcesses<LoadTime>(context, form, context.ShortRepeats);
            LoadBytes[] bytes = InProcesses<LoadBytes>(context, form, context.Repeats, "--memory");
            yield return Of($"opening, weights {name}", "s", times, time => time.First) with { Bound = Bound.AtMost(0.3) };
            yield return Of($"opening once more in the same process, weights {name}", "s", times, time => time.Again);
            yield return Of($"read by calls, weights {name}", "MB", bytes, one => one.Read / Megabyte);
            yield return Of($"pages of mapped files at once, weights {name}", "MB", bytes, one => one.Mapped / Megabyte);
            yield return Of($"memory of its own, weights {name}", "MB", bytes, one => one.Anonymous / Megabyte);
            yield return Of($"read and mapped ÷ files, weights {name}", "", bytes, one => (one.Read + one.Mapped) / files) with
            {
                Bound = Bound.AtMost(1.1),
            };
        }
    }

    private static double Bytes(LensBundle bundle) => bundle.Paths.Sum(path => new FileInfo(path).Length);

    private static T[] InProcesses<T>(BenchContext context, WeightForm form, int processes, params string[] more) =>
        [.. Enumerable.Range(0, processes).Select(_ => SelfProcess.Run<T>(["load-once", "--bundle", context.Bundle(form).Folder, .. more]).Result)];

    private Figure Of<T>(string name, string unit, T[] results, Func<T, double> value) =>
        new(Name, name, unit, Spread.Of(results.Select(value)));
}
