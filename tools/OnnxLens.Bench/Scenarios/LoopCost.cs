using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>
/// What a decode step takes outside ONNX Runtime's <c>Run</c>: the library's step, with logits and choice, against a loop that does nothing but run the
/// same two graphs with everything bound, in turns.
/// </summary>
internal sealed class LoopCost : IScenario
{
    /// <inheritdoc/>
    public string Name => "loop";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        int[] prompt = context.Prompt();
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        using LensModel plain = context.Open([]);
        using LensModel capturing = context.Open(points);
        double[][] seconds = Interleaved.Seconds(
            [
                new Variant("bare", () => new BareDecodeJob(context.Bundle(), prompt.Length, context.Tokens)),
                new Variant("none", () => new DecodeJob(plain, HookSpec.None, prompt, context.Tokens)),
                new Variant("captures", () => new DecodeJob(capturing, new HookSpec { Capture = points }, prompt, context.Tokens)),
            ],
            context.ShortRepeats, context.Cancellation);
        yield return new Figure(Name, "decode step, sessions alone", "ms", Spread.Of(seconds[0].Select(time => time * 1e3 / context.Tokens)));
        yield return Share("outside Run, nothing captured", 1);
        yield return Share("outside Run, resid_post captured", 2);

        Figure Share(string name, int variant) =>
            new(Name, name, "%", Spread.Of(seconds[0].Zip(seconds[variant], (bare, whole) => (1 - (bare / whole)) * 100)), Bound.AtMost(3));
    }
}
