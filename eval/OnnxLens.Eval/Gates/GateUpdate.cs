using System.Collections.Immutable;
using static OnnxLens.Eval.Gates.GateText;

namespace OnnxLens.Eval.Gates;

/// <summary>A baseline made from a result.</summary>
/// <param name="Baseline">The new baseline.</param>
/// <param name="Changes">What differs from the old one, one line each; empty where nothing does.</param>
public sealed record GateUpdate(GateBaseline Baseline, ImmutableArray<string> Changes)
{
    /// <summary>Makes a baseline with the entries of the result, in its order.</summary>
    /// <remarks>What is set by hand stays: the tolerances, intervals and limits of entries that are in both, and those of the whole baseline.</remarks>
    /// <param name="old">The baseline there is; null where there is none.</param>
    /// <param name="result">The result.</param>
    /// <exception cref="EvalException">The result has no entries.</exception>
    public static GateUpdate Of(GateBaseline? old, SummaryFile result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Entries.IsEmpty)
        {
            throw new EvalException("The result has no summaries, so that a baseline of it would hold nothing. Run the sweep again.");
        }

        Dictionary<GateKey, GateEntry> before = old?.Entries.ToDictionary(entry => entry.Key) ?? [];
        GateBaseline baseline = (old ?? new GateBaseline { Entries = [] }) with
        {
            BundleHash = result.BundleHash ?? old?.BundleHash,
            Multipliers = result.Multipliers ?? old?.Multipliers,
            Entries = [.. result.Entries.Select(entry => Merge(before.GetValueOrDefault(entry.Key), entry))],
        };
        HashSet<GateKey> after = [.. baseline.Entries.Select(entry => entry.Key)];
        IEnumerable<string> bundle = old?.BundleHash is string hash && hash != baseline.BundleHash ? [$"bundle: {hash} → {baseline.BundleHash}"] : [];
        IEnumerable<string> grid = old?.Multipliers is string multipliers && multipliers != baseline.Multipliers ? [$"multipliers: {multipliers} → {baseline.Multipliers}"] : [];
        return new GateUpdate(baseline,
        [
            .. bundle,
            .. grid,
            .. baseline.Entries.Zip(result.Entries).SelectMany(pair => Describe(before.GetValueOrDefault(pair.First.Key), pair.First).Concat(Dear(baseline, pair.First, pair.Second))),
            .. before.Keys.Where(key => !after.Contains(key)).Select(key => $"removed {key}"),
        ]);
    }

    private static GateEntry Merge(GateEntry? old, SummaryEntry entry) => (old ?? Fresh(entry)) with
    {
        Samples = entry.Samples,
        MeanSlope = entry.MeanSlope,
        AntiSteerable = entry.AntiSteerable,
    };

    private static GateEntry Fresh(SummaryEntry entry) => new() { Key = entry.Key, Samples = entry.Samples, MeanSlope = entry.MeanSlope, AntiSteerable = entry.AntiSteerable };

    private static IEnumerable<string> Dear(GateBaseline baseline, GateEntry entry, SummaryEntry measured) =>
        baseline.MaxPerplexityRatioOf(entry) is double limit && !(measured.PerplexityRatio <= limit)
            ? [$"kept {entry.Key}: the limit {Ratio(limit)} of perplexity set by hand, {(measured.PerplexityRatio is double ratio ? $"above which it now is ({Ratio(ratio)})" : "where it was not measured")}; the gate fails until it is changed"]
            : [];

    private static IEnumerable<string> Describe(GateEntry? old, GateEntry entry)
    {
        if (old is null)
        {
            yield return $"added {entry.Key}: slope {Slope(entry.MeanSlope)}, {Percent(entry.AntiSteerable)} anti-steerable, {entry.Samples} samples";
        }
        else if (old != entry)
        {
            string[] parts =
            [
                .. old.MeanSlope == entry.MeanSlope ? Array.Empty<string>() : [$"slope {Slope(old.MeanSlope)} → {Slope(entry.MeanSlope)}"],
                .. old.AntiSteerable == entry.AntiSteerable ? Array.Empty<string>() : [$"anti-steerable {Percent(old.AntiSteerable)} → {Percent(entry.AntiSteerable)}"],
                .. old.Samples == entry.Samples ? Array.Empty<string>() : [$"samples {old.Samples} → {entry.Samples}"],
            ];
            yield return $"changed {entry.Key}: {string.Join(", ", parts)}";
        }

        if (entry.Interval is { } interval && !interval.Contains(entry.MeanSlope))
        {
            yield return $"kept {entry.Key}: the interval [{Slope(interval.Low)}, {Slope(interval.High)}] set by hand, outside of which the slope now lies; the gate fails until it is changed";
        }

        if (entry.MaxAntiSteerable < entry.AntiSteerable)
        {
            yield return $"kept {entry.Key}: the limit {Percent(entry.MaxAntiSteerable.Value)} set by hand, above which the anti-steerable samples now are; the gate fails until it is changed";
        }
    }
}
