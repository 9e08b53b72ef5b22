using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Eval.Sweeps;

namespace OnnxLens.Eval.Statistics;

/// <summary>Whether a vector works, in one line of words.</summary>
/// <remarks>
/// A vector works where none of these holds:
/// the bootstrap interval of the mean slope includes 0;
/// over the whole grid the mean propensity moves by less than 0.1 logits (|slope| · (largest − smallest multiplier)), which changes odds by about a tenth;
/// random vectors of the same norm were run, two at least, and the slope is less than twice their root mean square: a direction and its
/// opposite are as likely, so that random slopes scatter around 0, whatever the mean of a few of them;
/// more than a quarter of the samples go against the mean;
/// a straight line explains less than half of the mean curve (R²);
/// the samples of one letter go against the mean, so that the vector moves a letter in place of the trait;
/// the vector of shuffled labels, or that of the letter alone, has at least half of its slope, whatever the sign.
/// Where none holds and the slope is negative, it works against. With a single sample or question there is no interval, and nothing is
/// decided; nor with fewer than five questions, or where every matching answer has the same letter. What the vector costs on ordinary text is
/// said with the verdict where it was measured, at multiplier 1 and where perplexity rises most, and decides nothing.
/// The thresholds are conventions, not facts; the numbers they are applied to stand in the line.
/// </remarks>
/// <param name="Kind">The verdict.</param>
/// <param name="Text">One line, e.g. <c>works; perplexity × 1.14 at multiplier 1: slope 1.61 [1.58, 1.64] per unit, 0 % anti-steerable, random vectors -0.28 ± 0.62</c>.</param>
public sealed record Verdict(VerdictKind Kind, string Text)
{
    private const double LeastMovement = 0.1;
    private const double ControlDeviations = 2;
    private const double MostAgainst = 0.25;
    private const double LeastR2 = 0.5;
    private const double ComparedShare = 0.5;
    private const int FewestQuestions = 5;

    /// <summary>Judges a summary.</summary>
    /// <param name="summary">The summary.</param>
    /// <param name="costs">What the sweep's vectors cost at every multiplier; null takes what the summary says of multiplier 1.</param>
    /// <param name="form">How numbers stand in the text.</param>
    public static Verdict Of(CurveSummary summary, IReadOnlyList<SweepCost>? costs = null, NumberForm form = NumberForm.Ascii)
    {
        ArgumentNullException.ThrowIfNull(summary);
        string figures = $"{Cost(summary, costs ?? [], form)}: {Figures(summary, form)}";
        if (summary is not { CiLow: double low, CiHigh: double high })
        {
            return new Verdict(VerdictKind.Undecided, $"undecided{figures}; one {(summary.Samples == 1 ? "sample" : "question")} says nothing of others");
        }

        if ((summary.Questions ?? summary.Samples) is < FewestQuestions and int few)
        {
            return new Verdict(VerdictKind.Undecided, $"undecided{figures}; {few} questions are too few for an interval to mean something");
        }

        if (summary.ByLetter.Length == 1)
        {
            return new Verdict(VerdictKind.Undecided, $"undecided{figures}; every matching answer is '{summary.ByLetter[0].Letter}', so that the behaviour cannot be told from the letter");
        }

        ImmutableArray<string> reasons = [.. Reasons(summary, new Interval(low, high), value => Number(value, form)).OfType<string>()];
        return reasons.IsEmpty
            ? summary.MeanSlope > 0
                ? new Verdict(VerdictKind.Works, $"works{figures}")
                : new Verdict(VerdictKind.WorksAgainst, $"works against the behaviour{figures}")
            : new Verdict(VerdictKind.DoesNotWork, $"does not work{figures}; {string.Join("; ", reasons)}");
    }

    private static IEnumerable<string?> Reasons(CurveSummary summary, Interval interval, Func<double, string> number)
    {
        double slope = summary.MeanSlope;
        double movement = Math.Abs(slope) * (summary.Multipliers[^1] - summary.Multipliers[0]);
        double against = slope < 0 ? 1 - summary.AntiSteerable : summary.AntiSteerable;
        yield return interval.Contains(0) ? "the interval includes 0" : null;
        yield return movement < LeastMovement ? $"the whole grid moves the propensity by {number(movement)} logits, next to nothing" : null;
        yield return summary is { ControlSlopeMean: double mean, ControlSlopeSd: double sd } && Math.Abs(slope) < ControlDeviations * Math.Sqrt((mean * mean) + (sd * sd))
            ? "random vectors of the same norm do as much" : null;
        yield return against > MostAgainst ? $"{Percent(against)} of the samples move against the mean" : null;
        yield return summary.CurveR2 is not double r2 ? "the mean curve is constant" : r2 < LeastR2 ? $"the mean curve is no line (R² {number(r2)})" : null;
        yield return summary.ByLetter.Any(letter => letter.MeanSlope * slope < 0)
            ? $"it moves the letter more than the behaviour ({string.Join(", ", summary.ByLetter.Select(letter => $"{letter.Letter} {number(letter.MeanSlope)}"))})" : null;
        yield return AsMuch(summary.ShuffledSlope, slope) is double shuffled ? $"the vector of shuffled labels does as much ({number(shuffled)})" : null;
        yield return AsMuch(summary.LetterVectorSlope, slope) is double ofLetter ? $"the vector of the letter alone does as much ({number(ofLetter)})" : null;
    }

    private static double? AsMuch(double? other, double slope) => other is double value && Math.Abs(value) >= ComparedShare * Math.Abs(slope) ? other : null;

    private static string Figures(CurveSummary summary, NumberForm form)
    {
        string Figure(double value) => Number(value, form);
        string interval = summary is { CiLow: double low, CiHigh: double high } ? $" [{Figure(low)}, {Figure(high)}]" : "";
        string controls = summary switch
        {
            { ControlSlopeMean: double mean, ControlSlopeSd: double sd } => $"random vectors {Figure(mean)} ± {Figure(sd)}",
            { ControlSlopeMean: double mean } => $"one random vector {Figure(mean)}",
            _ => "no random vectors to compare with",
        };
        return $"slope {Figure(summary.MeanSlope)}{interval} per unit, {Percent(summary.AntiSteerable)} anti-steerable, {controls}";
    }

    /// <summary>What the vector costs at multiplier 1, and at the multiplier at which it costs most.</summary>
    private static string Cost(CurveSummary summary, IReadOnlyList<SweepCost> costs, NumberForm form)
    {
        if (summary.PerplexityRatio is not double ratio)
        {
            return "";
        }

        string one = Number(ratio, form);
        SweepCost? most = costs.Where(cost => cost.Vector == summary.Vector && cost.Point == summary.Point).MaxBy(cost => cost.PerplexityRatio);
        string there = most is not null && most.PerplexityRatio > ratio && Number(most.PerplexityRatio, form) is var worst && worst != one ? $", × {worst} at {InForm(most.Multiplier.ToString("G6", CultureInfo.InvariantCulture), form)}" : "";
        return $"; perplexity × {one} at multiplier 1{there}";
    }

    private static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:0.#} %");

    private static string Number(double value, NumberForm form)
    {
        string text = value.ToString(Math.Abs(value) >= 0.1 ? "0.00" : "G2", CultureInfo.InvariantCulture);
        return text == "-0" ? "0" : InForm(text, form);
    }

    /// <summary>A number's text in a form. Below 0.1 powers of ten are written from -5 down: E-05.</summary>
    private static string InForm(string text, NumberForm form) =>
        form == NumberForm.Ascii ? text : text.Replace("E-0", "E-", StringComparison.Ordinal).Replace('E', 'e').Replace('-', '−');
}
