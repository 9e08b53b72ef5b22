using System.Collections.Immutable;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>Managed bytes allocated per decode step, sampling included, once everything is warm.</summary>
internal sealed class Allocation : IScenario
{
    private const int Warm = 8;
    private const int Measured = 32;

    /// <inheritdoc/>
    public string Name => "allocation";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        var residuals = new HookSpec { Capture = context.Points(Site.ResidPost) };
        yield return Measure(context, "nothing captured", HookSpec.None, 1);
        yield return Measure(context, "resid_post captured", residuals, 1);
        yield return Measure(context, "all seven sites captured", new HookSpec { Capture = context.Points(Sites.All) }, 1);
        int shards = Math.Min(4, context.Bundle().Manifest.Model.Layers);
        yield return Measure(context, $"resid_post captured, {shards} shards", residuals, shards);
        ImmutableArray<float> vector = [.. Enumerable.Repeat(0.01f, context.Bundle().Manifest.Model.HiddenSize)];
        yield return Measure(context, "resid_post captured, a vector added at every layer, every position", residuals with
        {
            Steer = [.. context.Points(Site.MlpIn).Select(point => new SteeringOperation(point, vector) { Positions = SteeringPositions.All })],
        }, 1);
    }

    private Figure Measure(BenchContext context, string name, HookSpec hooks, int shards)
    {
        using LensModel model = context.Open(hooks.Capture, shards);
        int[] prompt = context.Prompt();
        using ModelRun run = model.Begin(hooks, prompt.Length + Warm + Measured);
        run.Prefill(prompt);
        var sampler = new Sampler(new GenerationOptions(), model.Facts.VocabularySize);
        int[] token = new int[1];
        double[] bytes = new double[Warm + Measured];
        for (int step = 0; step < bytes.Length; step++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            long before = GC.GetAllocatedBytesForCurrentThread();
            token[0] = sampler.Next(run.Logits());
            run.Step(token);
            bytes[step] = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return new Figure(Name, "decode step, " + name, "bytes", Spread.Of(bytes[Warm..]), Bound.AtMost(4 * 1024));
    }
}
