using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>Generation and the lens of every layer, the same cells and read-outs: deferred, against row by row in every step.</summary>
/// <param name="wholeSequence">True: the lens of prompt and generated tokens. False: only of the positions that choose a token.</param>
internal sealed class RowByRow(bool wholeSequence) : IScenario
{
    private const int Target = 1;

    /// <inheritdoc/>
    public string Name => wholeSequence ? "rows" : "rows-new";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        int[] prompt = context.Prompt();
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        using LensModel bare = context.Open([]);
        using LensModel model = context.Open(points);
        using var head = new RowHead(context.Bundle(), BenchContext.TopK, [Target, Target]);
        double[][] seconds = Interleaved.Seconds(
            [
                new Variant("generation", () => new GenerationJob(bare, HookSpec.None, prompt, context.Tokens)),
                new Variant("deferred", () => new DeferredLensJob(model, points, prompt, context.Tokens, wholeSequence, BenchContext.TopK, Target)),
                new Variant("rows", () => new RowByRowJob(model, head, points, prompt, context.Tokens, wholeSequence, withCache: true)),
                new Variant("rows-uncached", () => new RowByRowJob(model, head, points, prompt, context.Tokens, wholeSequence, withCache: false)),
            ],
            context.Repeats, context.Cancellation);
        yield return Rate("generation without capture", seconds[0]);
        yield return Rate("generation and deferred lens", seconds[1]);
        yield return Rate("lens row by row, KV cache", seconds[2]);
        yield return Rate("lens row by row, no KV cache", seconds[3]);
        yield return Speed("deferred lens ÷ generation without capture, speed", seconds[0], seconds[1], null);
        yield return Speed("deferred lens ÷ row by row with KV cache, speed", seconds[2], seconds[1], wholeSequence ? Bound.AtLeast(2) : null);
        yield return Speed("deferred lens ÷ row by row without KV cache, speed", seconds[3], seconds[1], wholeSequence ? Bound.AtLeast(5) : null);

        Figure Rate(string name, double[] times) => new(Name, name, "tokens/s", Spread.Of(times.Select(time => context.Tokens / time)));
        Figure Speed(string name, double[] slow, double[] fast, Bound? bound) => new(Name, name, "", Spread.OfRatios(slow, fast), bound);
    }
}
