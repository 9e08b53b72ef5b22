using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Ways;
using OnnxLens.Bundles;

namespace OnnxLens.Bench.Scenarios;

/// <summary>The same job in every way, at several lengths and of a prompt alone: every layer's residual at every position to top tokens, log-probabilities and entropy.</summary>
internal sealed class Trajectories : IScenario
{
    /// <inheritdoc/>
    public string Name => "job";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        var open = new List<(Way Way, OpenWay Open)>();
        try
        {
            foreach (Way way in AllWays.List)
            {
                open.Add((way, way.Open(context)));
            }

            using var matMul = new BareMatMul(context.Bundle(), MostRows(context));
            var cases = new List<TrajectoryCase>();
            foreach (int length in context.Options.Lengths)
            {
                cases.Add(Measure(context, open, matMul, context.Prompt(), length, $"T = {length}"));
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
            foreach (Figure figure in Measure(context, open, matMul, prompt, tokens: 1, $"prompt of {prompt.Length}").Figures())
            {
                yield return figure;
            }
        }
        finally
        {
            open.ForEach(item => item.Open.Dispose());
        }
    }

    private TrajectoryCase Measure(
        BenchContext context, IReadOnlyList<(Way Way, OpenWay Open)> open, BareMatMul matMul, int[] prompt, int tokens, string name)
    {
        context.Report($"measuring {name}");

        // Without a token to follow, the ways row by row with and without cache are one.
        (Way Way, OpenWay Open)[] ways = [.. open.Where(item => tokens > 1 || !item.Way.RunsSequenceAgain)];
        int layers = context.Bundle().Manifest.Model.Layers;
        PhaseTimes[][] times = PhasedTimer.Measure(
            [
                .. ways.Select(item => new PhasedVariant(item.Way.Name, item.Way.MostSteps, () => item.Open.Begin(prompt, tokens))),
                new PhasedVariant("bare", int.MaxValue, () => new BareHeadJob(matMul, layers, prompt.Length + tokens - 1)),
            ],
            context.Repeats, context.Cancellation);
        ImmutableDictionary<Way, PhaseTimes[]> byWay = ways.Select((item, i) => (item.Way, times[i])).ToImmutableDictionary(pair => pair.Way, pair => pair.Item2);
        return new TrajectoryCase(Name, name, prompt.Length, tokens, layers, byWay, times[^1]);
    }

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
        yield return new Figure(Name, $"captures ÷ generation, {between}", "", Spread.OfRatios(last.CaptureRatios, first.CaptureRatios), Bound.AtMost(1.02));
        yield return new Figure(Name, $"lens per position, {between}", "", Spread.OfRatios(last.LensPerPosition, first.LensPerPosition), Bound.AtMost(1.05));
        yield return new Figure(
            Name, $"generation without captures per token, {between}", "", Spread.OfRatios(last.PerToken(AllWays.Generation), first.PerToken(AllWays.Generation)));
        yield return new Figure(
            Name, $"captures and deferred lens per token, {between}", "", Spread.OfRatios(last.PerToken(AllWays.Ours), first.PerToken(AllWays.Ours)));
    }

    private static int MostRows(BenchContext context)
    {
        ModelFacts facts = context.Bundle().Manifest.Model;
        return new LensPieces(facts.Layers, facts.MaxLength).MostRows;
    }
}
