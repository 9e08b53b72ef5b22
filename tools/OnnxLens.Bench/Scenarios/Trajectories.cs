using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Ways;
using OnnxLens.Bundles;

namespace OnnxLens.Bench.Scenarios;

/// <summary>The same job in every way, at several lengths and of a prompt alone: every layer's residual at every position to top tokens, log-probabilities and entropy.</summary>
internal sealed class Trajectories : IScenario
{
    // A job of 96 positions is repeated four times as often, and one of 288 once: the shorter, the more its ratios vary.
    private const int PositionsOfARepeat = 400;

    /// <inheritdoc/>
    public string Name => "job";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        using var matMul = new BareMatMul(context.Bundle(), MostRows(context));
        var cases = new List<TrajectoryCase>();
        foreach (int length in context.Options.Lengths)
        {
            cases.Add(Measure(context, matMul, context.Prompt(), length, $"T = {length}"));
            foreach (Figure figure in cases[^1].Figures())
            {
                yield return figure;
            }
        }

        foreach (Figure figure in Flatness(cases))
        {
            yield return figure;
        }

        int[] prompt = context.Prompt(context.Options.Lengths.Max());
        foreach (Figure figure in Measure(context, matMul, prompt, tokens: 1, $"prompt of {prompt.Length}").Figures())
        {
            yield return figure;
        }
    }

    private TrajectoryCase Measure(BenchContext context, BareMatMul matMul, int[] prompt, int tokens, string name)
    {
        int layers = context.Bundle().Manifest.Model.Layers;
        var bare = new PhasedVariant("bare", int.MaxValue, () => new BareHeadJob(matMul, layers, prompt.Length + tokens - 1));
        PhaseTimes[]? bareTimes = null;
        var groups = new List<ImmutableDictionary<Way, PhaseTimes[]>>();
        foreach (ImmutableArray<Way> all in AllWays.Groups)
        {
            // Without a token to follow, the ways row by row with and without cache are one.
            Way[] ways = [.. all.Where(way => tokens > 1 || !way.RunsSequenceAgain)];
            context.Report($"measuring {name}: {string.Join(", ", ways.Select(way => way.Name))}");
            PhaseTimes[][] times = MeasureGroup(context, ways, way => MostSteps(way, groups), prompt, tokens, bareTimes is null ? [bare] : []);
            groups.Add(ways.Select((way, i) => (way, times[i])).ToImmutableDictionary(pair => pair.way, pair => pair.Item2));
            bareTimes ??= times[^1];
        }

        return new TrajectoryCase(Name, name, prompt.Length, tokens, layers, [.. groups], bareTimes!);
    }

    private static PhaseTimes[][] MeasureGroup(
        BenchContext context, Way[] ways, Func<Way, int> mostSteps, int[] prompt, int tokens, PhasedVariant[] others)
    {
        var open = new List<OpenWay>();
        try
        {
            foreach (Way way in ways)
            {
                open.Add(way.Open(context));
            }

            return PhasedTimer.Measure(
                [
                    .. ways.Select((way, i) => new PhasedVariant(way.Name, mostSteps(way), () => open[i].Begin(prompt, tokens))
                    {
                        TokensOfATurn = way.RunsSequenceAgain ? 1 : Turn.Steps,
                    }),
                    .. others,
                ],
                Repeats(context, prompt.Length, tokens), context.Cancellation);
        }
        finally
        {
            open.ForEach(way => way.Dispose());
        }
    }

    /// <summary>A short job has few steps, and is repeated more.</summary>
    private static int Repeats(BenchContext context, int prompt, int tokens) =>
        context.Repeats * Math.Clamp(PositionsOfARepeat / (prompt + tokens), 1, BenchContext.MostOfARepeat);

    /// <summary>A way that was measured already is what others are compared with: it need not be run whole again.</summary>
    private static int MostSteps(Way way, List<ImmutableDictionary<Way, PhaseTimes[]>> measured) =>
        measured.Exists(group => group.ContainsKey(way)) ? Math.Min(way.MostSteps, Way.EnoughSteps) : way.MostSteps;

    /// <summary>Whether what captures and lens cost grows with the length: per position, for the prompt's are decoded too.</summary>
    private IEnumerable<Figure> Flatness(List<TrajectoryCase> cases)
    {
        TrajectoryCase first = cases.MinBy(item => item.Tokens)!;
        TrajectoryCase last = cases.MaxBy(item => item.Tokens)!;
        if (first == last)
        {
            yield break;
        }

        string between = $"at T = {last.Tokens} ÷ at T = {first.Tokens}";
        yield return new Figure(Name, $"captures ÷ generation, {between}", "", Spread.OfRatiosApart(last.CaptureRatios, first.CaptureRatios), Bound.AtMost(1.02));
        yield return new Figure(Name, $"lens per position, {between}", "", Spread.OfRatiosApart(last.LensPerPosition, first.LensPerPosition), Bound.AtMost(1.05));
        yield return new Figure(
            Name, $"generation without captures per token, {between}", "", Spread.OfRatiosApart(last.PerToken(AllWays.Generation), first.PerToken(AllWays.Generation)));
        yield return new Figure(
            Name, $"captures and deferred lens per token, {between}", "", Spread.OfRatiosApart(last.PerToken(AllWays.Ours), first.PerToken(AllWays.Ours)));
    }

    private static int MostRows(BenchContext context)
    {
        ModelFacts facts = context.Bundle().Manifest.Model;
        return new LensPieces(facts.Layers, facts.MaxLength).MostRows;
    }
}
