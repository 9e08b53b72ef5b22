using System.Collections.Immutable;
using OnnxLens.Eval.Statistics;
using static OnnxLens.Eval.Gates.GateText;

namespace OnnxLens.Eval.Gates;

/// <summary>Holds the slopes of a result to a baseline.</summary>
/// <remarks>
/// An entry fails where the result lacks it, has fewer samples of it, where its mean slope is further from the baseline's than the
/// tolerance or outside the interval, where the fraction of anti-steerable samples is above the limit, or where one is set on the
/// perplexity ratio on ordinary text and that is above it or was not measured. A limit itself is within, and 1e-9 is given for numbers that were written in decimal.
/// </remarks>
public static class Gate
{
    private const double Slack = 1e-9;

    /// <summary>Compares.</summary>
    /// <exception cref="EvalException">The baseline has no entries, so that whatever the result says would pass; or the two were swept over different multipliers, so that their slopes cannot be compared.</exception>
    public static GateReport Check(GateBaseline baseline, SummaryFile result)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(result);
        if (baseline.Entries.IsEmpty)
        {
            throw new EvalException("The baseline has no entries, so that any result would pass. Write it again with 'onnxlens gate --update'.");
        }

        if (baseline.Multipliers is string expected && result.Multipliers is string swept && swept != expected)
        {
            throw new EvalException(
                $"The result was swept over the multipliers {swept}, the baseline over {expected}: slopes over different multipliers cannot be compared. Sweep with '--multipliers={expected}', or write the baseline again with 'onnxlens gate --update'.");
        }

        Dictionary<GateKey, SummaryEntry> found = result.Entries.ToDictionary(entry => entry.Key);
        HashSet<GateKey> held = [.. baseline.Entries.Select(entry => entry.Key)];
        return new GateReport
        {
            Checks = [.. baseline.Entries.Select(entry => Check(baseline, entry, found.GetValueOrDefault(entry.Key)))],
            New = [.. result.Entries.Where(entry => !held.Contains(entry.Key))],
            BundleDifference = BundleDifference(baseline, result.BundleHash),
            RequiresBundle = baseline.RequireBundle,
        };
    }

    private static GateCheck Check(GateBaseline baseline, GateEntry entry, SummaryEntry? actual)
    {
        double tolerance = baseline.ToleranceOf(entry);
        double most = baseline.MaxAntiSteerableOf(entry);
        double? dearest = baseline.MaxPerplexityRatioOf(entry);
        return new GateCheck(entry, actual, tolerance, most, [.. Failures(entry, actual, tolerance, most), .. TooDear(actual, dearest)]) { MaxPerplexityRatio = dearest };
    }

    private static IEnumerable<GateFailure> TooDear(SummaryEntry? actual, double? most)
    {
        if (actual is null || most is not double limit)
        {
            yield break;
        }

        if (actual.PerplexityRatio is not double ratio)
        {
            yield return new GateFailure(
                GateFailureKind.PerplexityNotMeasured, $"the perplexity of ordinary text was not measured, where at most {Ratio(limit)} is allowed; sweep with --text");
        }
        else if (!(ratio <= limit + Slack))
        {
            yield return new GateFailure(GateFailureKind.PerplexityAboveLimit, $"the perplexity of ordinary text is {Ratio(ratio)} at multiplier 1, where {Ratio(limit)} is allowed");
        }
    }

    private static IEnumerable<GateFailure> Failures(GateEntry entry, SummaryEntry? actual, double tolerance, double most)
    {
        if (actual is null)
        {
            yield return new GateFailure(GateFailureKind.Missing, "the result has no such entry");
            yield break;
        }

        if (actual.Samples < entry.Samples)
        {
            yield return new GateFailure(GateFailureKind.FewerSamples, $"{actual.Samples} samples, where the baseline has {entry.Samples}");
        }

        double distance = actual.MeanSlope - entry.MeanSlope;
        if (Math.Abs(distance) > tolerance + Slack)
        {
            yield return new GateFailure(
                GateFailureKind.SlopeOutsideTolerance,
                $"mean slope {Slope(actual.MeanSlope)} is {Slope(Math.Abs(distance))} {(distance < 0 ? "below" : "above")} the baseline's {Slope(entry.MeanSlope)}, where {Slope(tolerance)} is allowed");
        }

        if (entry.Interval is Interval interval && !new Interval(interval.Low - Slack, interval.High + Slack).Contains(actual.MeanSlope))
        {
            yield return new GateFailure(
                GateFailureKind.SlopeOutsideInterval,
                $"mean slope {Slope(actual.MeanSlope)} is outside the interval [{Slope(interval.Low)}, {Slope(interval.High)}]");
        }

        if (actual.AntiSteerable > most + Slack)
        {
            yield return new GateFailure(
                GateFailureKind.AntiSteerableGrew,
                $"{Percent(actual.AntiSteerable)} of the samples are anti-steerable, where {Percent(most)} is allowed and the baseline has {Percent(entry.AntiSteerable)}");
        }
    }

    private static string? BundleDifference(GateBaseline baseline, string? actual) => (baseline.BundleHash, actual) switch
    {
        (null, _) => null,
        (_, null) => baseline.RequireBundle ? $"the result does not say of which bundle it is, where {baseline.BundleHash} is required" : null,
        (string expected, _) when expected != actual => $"the result is of the bundle {actual}, the baseline of {expected}",
        _ => null,
    };
}
