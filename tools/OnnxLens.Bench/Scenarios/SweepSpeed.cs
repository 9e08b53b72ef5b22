using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>A sweep of every layer with seven multipliers over one prompt: by reuse of its cache, against a whole forward pass per point.</summary>
internal sealed class SweepSpeed : IScenario
{
    private const int PromptLength = 128;
    private const int NaivePoints = 7;
    private const ulong Seed = 1;

    /// <inheritdoc/>
    public string Name => "sweep";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        ModelFacts facts = context.Bundle().Manifest.Model;
        var pair = new LabelledPair("prompt", "all", "A", [.. Enumerable.Range(1, PromptLength).Select(i => (int)(i * 7919L % facts.VocabularySize))], 5, 6);
        SweepPlan plan = Plan(facts, facts.Layers);
        SweepPlan half = Plan(facts, facts.Layers / 2);
        SweepVector[] sample = [.. Enumerable.Range(0, NaivePoints).Select(i => plan.Vectors[i * plan.Vectors.Length / NaivePoints])];
        foreach (Figure figure in Memory(context, plan, pair, facts))
        {
            yield return figure;
        }

        using LensModel branching = context.Open(plan.ModelOptions(new LensModelOptions()));
        using LensModel plain = context.Open([]);
        double[][] seconds = Interleaved.Seconds(
            [
                new Variant("reuse", () => new SweepJob(branching, plan, pair)),
                new Variant("reuse, half the layers", () => new SweepJob(branching, half, pair)),
                new Variant("naive", () => new SteeredForwardJob(plain, sample, pair)),
            ],
            context.Repeats, context.Cancellation);
        double[] perForward = [.. seconds[2].Select(time => time / NaivePoints)];
        double[] naive = [.. perForward.Select(time => time * plan.PointsPerSample)];
        int more = plan.PointsPerSample - half.PointsPerSample;
        yield return new Figure(Name, $"one forward pass with its logits, prompt {PromptLength}", "ms", Spread.Of(perForward.Select(time => time * 1e3)));
        yield return new Figure(Name, $"sweep by reuse, {facts.Layers} layers × {plan.Multipliers.Length} multipliers", "ms", Spread.Of(seconds[0].Select(time => time * 1e3)));
        yield return new Figure(Name, "cost of one more point", "ms", Spread.Of(seconds[0].Zip(seconds[1], (all, part) => (all - part) / more * 1e3)));
        yield return new Figure(Name, $"one forward pass per point ({NaivePoints} measured, the others taken as equal) ÷ reuse, time", "", Spread.OfRatios(naive, seconds[0]), Bound.AtLeast(40));
    }

    /// <summary>The first sweep of a model just opened, before the runtime's arena has grown for anything else.</summary>
    private IEnumerable<Figure> Memory(BenchContext context, SweepPlan plan, LabelledPair pair, ModelFacts facts)
    {
        using LensModel model = context.Open(plan.ModelOptions(new LensModelOptions()));
        long before = ProcessMemory.SettledAnonymous();
        using (var memory = new ProcessMemory())
        {
            new SweepRunner(model, plan).Run("bench", pair);
            yield return new Figure(Name, "memory of the first sweep, beyond the loaded model", "MB", Spread.Single(Math.Max(0, memory.PeakAnonymous - before) / 1e6));
        }

        long cache = 2L * facts.Layers * facts.KvHeads * facts.HeadDim * PromptLength * sizeof(float);
        yield return new Figure(Name, "a copy of the cache for every point would take", "MB", Spread.Single(cache * (double)plan.PointsPerSample / 1e6));
    }

    private static SweepPlan Plan(ModelFacts facts, int layers) => new()
    {
        Vectors = [.. Enumerable.Range(0, layers).SelectMany(layer => ControlVectors.Random(
            new SweepVector("bench", new HookPoint(Site.MlpIn, layer), [.. Enumerable.Repeat(0.1f, facts.HiddenSize)]), 1, Seed))],
        Multipliers = MultiplierGrid.Default,
    };
}
