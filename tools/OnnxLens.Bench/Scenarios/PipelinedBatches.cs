using System.Collections.Immutable;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>The lens of many prompts of mixed lengths in two shards of one thread each: micro-batches one after the other against several at once.</summary>
internal sealed class PipelinedBatches : IScenario
{
    private const int Prompts = 48;
    private const int Shards = 2;

    /// <inheritdoc/>
    public string Name => "batch";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        ImmutableArray<HookPoint> points = context.Points(Site.ResidPost);
        using LensModel model = context.Open(new LensModelOptions { Capture = points, Threads = 1 }, Shards);
        foreach ((string what, bool whole) in new[] { ("every layer at the last position", false), ("every layer and position", true) })
        {
            LensInput[] inputs = Inputs(model, points, context.Options.PromptLength, whole);
            int tokens = inputs.Sum(input => input.Tokens.Length);
            double[][] seconds = Interleaved.Seconds(
                [
                    new Variant("one", () => new BatchJob(model, inputs, new LensBatchOptions { InFlight = 1 })),
                    new Variant("several", () => new BatchJob(model, inputs, new LensBatchOptions())),
                    new Variant("alone", () => new BatchJob(model, inputs, new LensBatchOptions { InFlight = 1, MicroBatchTokens = 1 })),
                ],
                context.Repeats, context.Cancellation);
            yield return new Figure(Name, $"{Prompts} prompts, {what}, micro-batches one by one", "tokens/s", Spread.Of(seconds[0].Select(time => tokens / time)));
            yield return new Figure(Name, $"{Prompts} prompts, {what}, several micro-batches at once", "tokens/s", Spread.Of(seconds[1].Select(time => tokens / time)));
            yield return new Figure(Name, $"{what}, several micro-batches at once ÷ one by one, speed", "", Spread.OfRatios(seconds[0], seconds[1]), Bound.AtLeast(1.5));
            yield return new Figure(Name, $"{what}, several micro-batches at once ÷ prompt by prompt, speed", "", Spread.OfRatios(seconds[2], seconds[1]));
        }
    }

    /// <summary>Prompts of half to one and a half times the length, in no order, always the same.</summary>
    private static LensInput[] Inputs(LensModel model, ImmutableArray<HookPoint> points, int length, bool whole) =>
    [
        .. Enumerable.Range(0, Prompts).Select(i =>
        {
            int count = Math.Max(2, (length / 2) + (i * 17 % (length + 1)));
            return new LensInput(
                $"prompt {i}",
                [.. Enumerable.Range(1, count).Select(t => (int)(((i * 101L) + t) * 7919 % model.Facts.VocabularySize))],
                new LensRequest { Points = points, Positions = whole ? [.. Enumerable.Range(0, count)] : [count - 1], TopK = LensPieces.TopK });
        }),
    ];
}
