using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>What captures cost generation: the same greedy tokens with nothing, one site and every site captured.</summary>
internal sealed class CaptureCost : IScenario
{
    private static readonly Bound AtMost2Percent = Bound.AtMost(1.02);

    /// <inheritdoc/>
    public string Name => "capture";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        int[] prompt = context.Prompt();
        ImmutableArray<HookPoint> residual = context.Points(Site.ResidPost);
        ImmutableArray<HookPoint> all = context.Points(Sites.All);
        using LensModel bare = context.Open([]);
        using LensModel one = context.Open(residual);
        using LensModel every = context.Open(all);
        double[][] seconds = PhasedTimer.Seconds(
            [
                new PhasedVariant("none", int.MaxValue, () => new TrajectoryJob(bare, HookSpec.None, prompt, context.Tokens)),
                new PhasedVariant("resid_post", int.MaxValue, () => new TrajectoryJob(one, new HookSpec { Capture = residual }, prompt, context.Tokens)),
                new PhasedVariant("all", int.MaxValue, () => new TrajectoryJob(every, new HookSpec { Capture = all }, prompt, context.Tokens)),
            ],
            context.ShortRepeats, context.Cancellation);
        yield return new Figure(Name, "generation, nothing captured", "tokens/s", Spread.Of(seconds[0].Select(time => context.Tokens / time)));
        yield return new Figure(Name, "resid_post of every layer captured ÷ nothing captured, time", "", Spread.OfRatios(seconds[1], seconds[0]), AtMost2Percent);
        yield return new Figure(Name, "all seven sites of every layer captured ÷ nothing captured, time", "", Spread.OfRatios(seconds[2], seconds[0]), AtMost2Percent);
    }
}
