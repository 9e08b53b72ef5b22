using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>The whole job, generation and the lens of every layer at every label position: deferred, against row by row in every step.</summary>
internal sealed class RowByRow : IScenario
{
    /// <inheritdoc/>
    public string Name => "rows";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        int[] prompt = context.Prompt();
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        using LensModel bare = context.Open([]);
        using LensModel model = context.Open(points);
        using var head = new RowHead(context.Bundle(), BenchContext.TopK);
        double[][] seconds = Interleaved.Seconds(
            [
                new Variant("generation", () => new GenerationJob(bare, HookSpec.None, prompt, context.Tokens)),
                new Variant("deferred", () => new DeferredLensJob(model, points, prompt, context.Tokens, BenchContext.TopK)),
                new Variant("rows", () => new RowByRowJob(model, head, points, prompt, context.Tokens, withCache: true)),
                new Variant("rows-uncached", () => new RowByRowJob(model, head, points, prompt, context.Tokens, withCache: false)),
            ],
            context.Repeats, context.Cancellation);
        yield return Rate("generation without capture", seconds[0]);
        yield return Rate("generation and deferred lens", seconds[1]);
        yield return Rate("lens row by row, KV cache", seconds[2]);
        yield return Rate("lens row by row, no KV cache", seconds[3]);
        yield return Speed("deferred lens ÷ generation without capture, speed", seconds[0], seconds[1], null);
        yield return Speed("deferred lens ÷ row by row with KV cache, speed", seconds[2], seconds[1], Bound.AtLeast(2));
        yield return Speed("deferred lens ÷ row by row without KV cache, speed", seconds[3], seconds[1], Bound.AtLeast(5));

        Figure Rate(string name, double[] times) => new(Name, name, "tokens/s", Spread.Of(times.Select(time => context.Tokens / time)));
        Figure Speed(string name, double[] slow, double[] fast, Bound? bound) => new(Name, name, "", Spread.OfRatios(slow, fast), bound);
    }
}
