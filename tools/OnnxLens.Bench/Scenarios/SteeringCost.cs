using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>What steering costs generation: the same number of greedy tokens unsteered, and with vectors at every position of one layer and of every layer.</summary>
internal sealed class SteeringCost : IScenario
{
    private static readonly Bound AtMost5Percent = Bound.AtMost(1.05);

    /// <inheritdoc/>
    public string Name => "steering";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        int[] prompt = context.Prompt();
        ModelFacts facts = context.Bundle().Manifest.Model;
        HookPoint middle = new(Site.MlpIn, facts.Layers / 2);
        ImmutableArray<SteeringOperation> one = [Operation(middle, SteeringOperator.Add)];
        ImmutableArray<SteeringOperation> every = [.. context.Points(Site.MlpIn).Select(point => Operation(point, SteeringOperator.Add))];
        ImmutableArray<SteeringOperation> ablate = [Operation(middle, SteeringOperator.Ablate)];
        using LensModel model = context.Open([]);
        using LensModel ablating = context.Open(new LensModelOptions { Steer = ablate });
        double[][] seconds = PhasedTimer.Seconds(
            [
                new PhasedVariant("none", int.MaxValue, () => new TrajectoryJob(model, HookSpec.None, prompt, context.Tokens)),
                new PhasedVariant("one layer", int.MaxValue, () => new TrajectoryJob(model, new HookSpec { Steer = one }, prompt, context.Tokens)),
                new PhasedVariant("every layer", int.MaxValue, () => new TrajectoryJob(model, new HookSpec { Steer = every }, prompt, context.Tokens)),
                new PhasedVariant("ablate", int.MaxValue, () => new TrajectoryJob(ablating, new HookSpec { Steer = ablate }, prompt, context.Tokens)),
            ],
            context.ShortRepeats, context.Cancellation);
        yield return Ratio("a vector added at one layer, every position ÷ unsteered, time", 1);
        yield return Ratio("a vector added at every layer, every position ÷ unsteered, time", 2);
        yield return Ratio("a direction ablated at one layer, every position ÷ unsteered, time", 3);

        SteeringOperation Operation(HookPoint point, SteeringOperator steer) =>
            new(point, [.. Enumerable.Repeat(0.01f, facts.HiddenSize)]) { Operator = steer, Positions = SteeringPositions.All };
        Figure Ratio(string name, int variant) => new(Name, name, "", Spread.OfRatios(seconds[variant], seconds[0]), AtMost5Percent);
    }
}
