using System.Collections.Immutable;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Ways;

namespace OnnxLens.Bench.Scenarios;

/// <summary>What one case of the job took in every way.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="Name">The case.</param>
/// <param name="Prompt">Tokens of the prompt, P.</param>
/// <param name="Tokens">Tokens chosen, T; 1 where the prompt is only read.</param>
/// <param name="Layers">Layers.</param>
/// <param name="Groups">Of every way, its repeats, in each group of ways that took turns. What is compared is of one group.</param>
/// <param name="Bare">The bare head product of the same rows.</param>
internal sealed record TrajectoryCase(
    string Scenario, string Name, int Prompt, int Tokens, int Layers, ImmutableArray<ImmutableDictionary<Way, PhaseTimes[]>> Groups, PhaseTimes[] Bare)
{
    private static readonly Bound AtLeastEven = Bound.AtLeast(1);
    private static readonly Bound AtMost2Percent = Bound.AtMost(1.02);
    private static readonly Bound WithCache = Bound.AtLeast(2.5);

    private int Positions => Prompt + Tokens - 1;

    private bool IsPromptOnly => Tokens == 1;

    /// <summary>Generation with captures ÷ without, time, of every repeat.</summary>
    public double[] CaptureRatios => CapturesOver(AllWays.Ours, AllWays.Generation);

    /// <summary>Seconds of the lens for one position, of every repeat.</summary>
    public double[] LensPerPosition => [.. Lens.Select(time => time / Positions)];

    private double[] Lens => Seconds(AllWays.Ours, time => time[Phase.Lens]);

    /// <summary>Seconds for each token of a way, of every repeat.</summary>
    public double[] PerToken(Way way) => Seconds(way, time => time.Total / Tokens);

    /// <summary>All figures of the case.</summary>
    public IEnumerable<Figure> Figures() => [.. Speeds(), .. Overheads(), .. Comparisons(), .. InForm(AllWays.InBf16)];

    private IEnumerable<Figure> Speeds()
    {
        (string unit, int count) = IsPromptOnly ? ("positions/s", Positions) : ("tokens/s", Tokens);
        return AllWays.List.Where(way => Groups.Any(group => group.ContainsKey(way))).Select(way =>
            Of(way.Title, unit, Seconds(way, time => count / time.Total)) with { MeasuredSteps = Fewest(way) });
    }

    private IEnumerable<Figure> Overheads()
    {
        double[] bare = [.. Bare.Select(time => time[Phase.Lens])];
        double rows = Positions * (double)Layers;
        yield return Of("captures ÷ generation, time", "", CaptureRatios) with { Bound = AtMost2Percent };
        yield return Of("bare head matmul", "rows/s", [.. bare.Select(time => rows / time)]);
        yield return Of("lens phase", "rows/s", [.. Lens.Select(time => rows / time)]);
        yield return Of("lens phase ÷ bare head matmul, time", "", [.. Lens.Zip(bare, (lens, product) => lens / product)]) with { Bound = Bound.AtMost(1.15) };
    }

    private IEnumerable<Figure> Comparisons()
    {
        yield return Speed("generation ÷ one plain graph, speed", AllWays.Generation, AllWays.Plain) with
        {
            Bound = IsPromptOnly ? null : Bound.AtLeast(0.95),
            Better = AtLeastEven,
        };
        yield return Speed("generation ÷ one plain graph, its weights repacked, speed", AllWays.Generation, AllWays.PlainRepacked) with
        {
            Bound = IsPromptOnly ? null : Bound.AtLeast(0.95),
            Better = AtLeastEven,
        };
        yield return Speed("deferred lens ÷ generation without it, speed", AllWays.Ours, AllWays.Generation) with { Better = AtLeastEven };
        yield return Speed("deferred lens ÷ row by row with KV cache, speed", AllWays.Ours, AllWays.Rows) with { Bound = WithCache };
        if (!IsPromptOnly)
        {
            yield return Speed("deferred lens ÷ row by row without KV cache, speed", AllWays.Ours, AllWays.RowsUncached) with { Bound = WithoutCache() };
        }

        yield return Speed("deferred lens ÷ logits kept, speed", AllWays.Ours, AllWays.LogitsKept) with { Better = AtLeastEven };
        yield return Generation("2 shards ÷ 1 shard, generation with captures, speed", AllWays.TwoShards);
        yield return Generation("4 shards ÷ 1 shard, generation with captures, speed", AllWays.FourShards) with { Bound = Bound.AtLeast(0.95) };
        yield return Generation("int4 ÷ fp32, generation with captures, speed", AllWays.Int4) with { Better = AtLeastEven };
        yield return Speed("int4 ÷ fp32, with the lens, speed", AllWays.Int4, AllWays.Ours) with { Better = AtLeastEven };
        yield return Generation("steered ÷ unsteered, generation with captures, speed", AllWays.Steered) with { Bound = Bound.AtLeast(0.95) };
    }

    /// <summary>The same promises where both sides have their weights in another form.</summary>
    private IEnumerable<Figure> InForm(WaysInForm ways)
    {
        string title = ways.Form.Title();
        string prefix = title + ": ";
        yield return Of(prefix + "captures ÷ generation, time", "", CapturesOver(ways.Ours, ways.Generation)) with
        {
            Bound = AtMost2Percent,
            MeasuredSteps = Fewest(ways.Ours, ways.Generation),
        };
        yield return Speed(prefix + "generation ÷ one plain graph, speed", ways.Generation, ways.Plain) with { Better = AtLeastEven };
        yield return Speed(prefix + "deferred lens ÷ generation without it, speed", ways.Ours, ways.Generation) with { Better = AtLeastEven };
        yield return Speed(prefix + "deferred lens ÷ row by row with KV cache, speed", ways.Ours, ways.Rows) with { Bound = WithCache };
        if (!IsPromptOnly)
        {
            yield return Speed(prefix + "deferred lens ÷ row by row without KV cache, speed", ways.Ours, ways.RowsUncached) with { Bound = WithoutCache() };
        }

        yield return Speed($"{title} ÷ fp32, captures and deferred lens, speed", ways.Ours, AllWays.Ours) with { Better = AtLeastEven };
    }

    /// <summary>What the method promises against its baseline grows with the length.</summary>
    private Bound? WithoutCache() => Tokens switch
    {
        >= 1500 => Bound.AtLeast(41),
        >= 256 => Bound.AtLeast(10),
        _ => null,
    };

    private Figure Speed(string name, Way fast, Way slow) =>
        Of(name, "", Ratios(slow, time => time.Total, fast, time => time.Total)) with { MeasuredSteps = Fewest(fast, slow) };

    private Figure Generation(string name, Way way) =>
        Of(name, "", Ratios(AllWays.Ours, time => time.Generation, way, time => time.Generation)) with { MeasuredSteps = Fewest(AllWays.Ours, way) };

    private int? Fewest(params Way[] ways) => ways.Min(way => Group(ways)[way][0].MeasuredSteps);

    private Figure Of(string name, string unit, double[] values) => new(Scenario, name, unit, Spread.Of(values)) { Case = Name };

    private double[] CapturesOver(Way captures, Way generation) => Ratios(captures, time => time.Generation, generation, time => time.Total);

    /// <summary>The first group with all of them.</summary>
    private ImmutableDictionary<Way, PhaseTimes[]> Group(params Way[] ways) => Groups.First(group => ways.All(group.ContainsKey));

    private double[] Seconds(Way way, Func<PhaseTimes, double> of) => [.. Group(way)[way].Select(of)];

    private double[] Ratios(Way over, Func<PhaseTimes, double> ofOver, Way under, Func<PhaseTimes, double> ofUnder)
    {
        ImmutableDictionary<Way, PhaseTimes[]> group = Group(over, under);
        return [.. group[over].Zip(group[under], (a, b) => ofOver(a) / ofUnder(b))];
    }
}
