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
            LoadOnceResult[] results =
                [.. Enumerable.Range(0, context.Repeats).Select(_ => SelfProcess.Run<LoadOnceResult>(["load-once", "--bundle", context.Bundle(form).Folder]).Result)];
            yield return Of($"opening, weights {name}", "s", results, result => result.Seconds) with { Bound = Bound.AtMost(0.3) };
            yield return Of($"opening once more in the same process, weights {name}", "s", results, result => result.AgainSeconds);
            yield return Of($"read by calls, weights {name}", "MB", results, result => result.ReadBytes / Megabyte);
            yield return Of($"pages of mapped files at once, weights {name}", "MB", results, result => result.MappedBytes / Megabyte);
            yield return Of($"memory of its own, weights {name}", "MB", results, result => result.AnonymousBytes / Megabyte);
            yield return Of($"read and mapped ÷ files, weights {name}", "", results, result => (result.ReadBytes + result.MappedBytes) / files) with
            {
                Bound = Bound.AtMost(1.1),
            };
        }
    }

    private static double Bytes(LensBundle bundle) => bundle.Paths.Sum(path => new FileInfo(path).Length);

    private Figure Of(string name, string unit, LoadOnceResult[] results, Func<LoadOnceResult, double> value) =>
        new(Name, name, unit, Spread.Of(results.Select(value)));
}
