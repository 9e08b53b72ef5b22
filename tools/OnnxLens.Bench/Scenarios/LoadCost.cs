using OnnxLens.Bench.Commands;
using OnnxLens.Bench.Measuring;
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
        LensBundle bundle = context.Bundle();
        double files = bundle.Paths.Sum(path => new FileInfo(path).Length);
        yield return new Figure(Name, "files of the bundle, weights counted", "MB", Spread.Single(files / Megabyte));
        foreach ((string name, string[] option, double seconds) in new[] { ("as mapped", Array.Empty<string>(), 0.3), ("repacked", ["--prepack"], 1.5) })
        {
            LoadOnceResult[] results =
                [.. Enumerable.Range(0, context.Repeats).Select(_ => SelfProcess.Run<LoadOnceResult>(["load-once", "--bundle", bundle.Folder, .. option]).Result)];
            yield return Of($"opening, weights {name}", "s", results, result => result.Seconds) with { Bound = Bound.AtMost(seconds) };
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

    private Figure Of(string name, string unit, LoadOnceResult[] results, Func<LoadOnceResult, double> value) =>
        new(Name, name, unit, Spread.Of(results.Select(value)));
}
