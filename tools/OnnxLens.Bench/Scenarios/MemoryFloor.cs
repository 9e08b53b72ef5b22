using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Ways;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>What the machine's memory allows: a decode step against nothing but reading every weight that it reads, once, in turns.</summary>
internal sealed class MemoryFloor : IScenario
{
    /// <inheritdoc/>
    public string Name => "floor";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context)
    {
        int[] prompt = context.Prompt();
        using LensModel mapped = context.Open([]);
        using LensModel bf16 = context.Open(context.Bundle(WeightForm.Bf16), new LensModelOptions());
        Checkpoint checkpoint = CheckpointReader.Read(context.Checkpoint);
        using var weights = new MappedWeights(checkpoint);
        using var bf16Weights = new MappedWeights(CheckpointReader.Read(context.Bf16Checkpoint()));
        double[][] seconds = Interleaved.Seconds(
            [Reading(weights), Reading(bf16Weights), Decoding(mapped), Decoding(bf16)], context.Repeats, context.Cancellation);
        string stored = Precisions.Name(checkpoint.WeightType);
        return
        [
            .. Floor($"reading the weights once, {stored}, as mapped", weights, 0),
            .. Floor("reading the weights once, stored in bf16", bf16Weights, 1),
            .. Step(WeightForm.Mapped, 2, floor: 0),
            .. Step(WeightForm.Bf16, 3, floor: 1),
        ];

        Variant Reading(MappedWeights read) => new("reading", () => new PieceJob(context.Tokens, _ => read.Read()));
        Variant Decoding(LensModel model) => new("decoding", () => new DecodeJob(model, HookSpec.None, prompt, context.Tokens));

        IEnumerable<Figure> Floor(string name, MappedWeights read, int variant) =>
        [
            new Figure(Name, name, "ms", Milliseconds(variant)),
            new Figure(Name, name, "GB/s", Spread.Of(seconds[variant].Select(time => read.Bytes * context.Tokens / time / 1e9))),
        ];

        IEnumerable<Figure> Step(WeightForm form, int variant, int floor) =>
        [
            new Figure(Name, $"decode step, {form.Title()}", "ms", Milliseconds(variant)),
            new Figure(Name, $"decode step ÷ reading its weights once, {form.Title()}", "", Spread.OfRatios(seconds[variant], seconds[floor])),
        ];

        Spread Milliseconds(int variant) => Spread.Of(seconds[variant].Select(time => time * 1e3 / context.Tokens));
    }
}
