using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>Generation in four shards on one device against one shard.</summary>
internal sealed class Shards : IScenario
{
    /// <inheritdoc/>
    public string Name => "shards";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        int[] prompt = context.Prompt();
        int count = Math.Min(4, context.Bundle().Manifest.Model.Layers);
        using LensModel one = context.Open([]);
        using LensModel many = context.Open([], count);
        double[][] seconds = Interleaved.Seconds(
            [
                new Variant("one", () => new GenerationJob(one, HookSpec.None, prompt, context.Tokens)),
                new Variant("many", () => new GenerationJob(many, HookSpec.None, prompt, context.Tokens)),
            ],
            context.Repeats, context.Cancellation);
        yield return new Figure(Name, $"generation, {count} shards", "tokens/s", Spread.Of(seconds[1].Select(time => context.Tokens / time)));
        yield return new Figure(Name, $"{count} shards ÷ 1 shard, speed", "", Spread.OfRatios(seconds[0], seconds[1]), Bound.AtLeast(0.9));
    }
}
