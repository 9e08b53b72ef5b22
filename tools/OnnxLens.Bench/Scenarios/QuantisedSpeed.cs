using System.Diagnostics;
using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Scenarios;

/// <summary>Decoding with quantised weights against fp32 ones of the same checkpoint, and what quantising costs.</summary>
internal sealed class QuantisedSpeed : IScenario
{
    private const double Megabyte = 1e6;

    private static readonly (string Name, Quantization Form, QuantizationScope Scope)[] Variants =
    [
        ("int4", QuantizationForms.Default(4), QuantizationScope.Blocks),
        ("int4, embedding and LM head as well", QuantizationForms.Default(4), QuantizationScope.All),
        ("int4, accuracy level 1", QuantizationForms.Default(4) with { AccuracyLevel = QuantizationForms.ExactLevel }, QuantizationScope.Blocks),
        ("int8", QuantizationForms.Default(8), QuantizationScope.Blocks),
    ];

    /// <inheritdoc/>
    public string Name => "quantised";

    /// <inheritdoc/>
    public IEnumerable<Figure> Run(BenchContext context) => [.. Decoding(context), .. Quantising(context)];

    private IEnumerable<Figure> Decoding(BenchContext context)
    {
        int[] prompt = context.Prompt();
        using LensModel plain = context.Open([]);
        foreach ((string name, Quantization form, QuantizationScope scope) in Variants)
        {
            using LensModel quantised = context.Open(context.Quantised(name, form, scope), new LensModelOptions());
            double[][] seconds = Interleaved.Seconds(
                [
                    new Variant("fp32", () => new DecodeJob(plain, HookSpec.None, prompt, context.Tokens)),
                    new Variant(name, () => new DecodeJob(quantised, HookSpec.None, prompt, context.Tokens)),
                ],
                context.ShortRepeats, context.Cancellation);
            if (name == Variants[0].Name)
            {
                yield return new Figure(Name, "decoding, fp32", "tokens/s", Spread.Of(seconds[0].Select(time => context.Tokens / time)));
            }

            yield return new Figure(Name, $"decoding, {name}", "tokens/s", Spread.Of(seconds[1].Select(time => context.Tokens / time)));
            yield return new Figure(
                Name, $"{name} ÷ fp32, decoding speed", "", Spread.OfRatios(seconds[0], seconds[1]), name == Variants[0].Name ? Bound.AtLeast(3) : null);
        }
    }

    private IEnumerable<Figure> Quantising(BenchContext context)
    {
        Checkpoint checkpoint = CheckpointReader.Read(context.Checkpoint);
        foreach ((string name, Quantization form) in new[]
        {
            ("int4 symmetric", Variants[0].Form),
            ("int4 asymmetric", Variants[0].Form with { Symmetric = false }),
            ("int8 symmetric", QuantizationForms.Default(8)),
        })
        {
            var plan = new QuantizationPlan(checkpoint, form, QuantizationScope.Blocks, ElementType.Float);
            double megabytes = plan.Tensors.Sum(tensor => tensor.Rows * tensor.Columns) * sizeof(float) / Megabyte;
            (double Seconds, long Memory)[] measured = [.. Enumerable.Range(0, context.Repeats).Select(_ => Quantise(context, checkpoint, plan))];
            yield return new Figure(
                Name, $"quantising {checkpoint.WeightType} weights, {name}, counted as fp32", "MB/s", Spread.Of(measured.Select(item => megabytes / item.Seconds)), Bound.AtLeast(200));
            yield return new Figure(Name, $"quantising, {name}, memory beyond the process's own", "MB", Spread.Of(measured.Select(item => item.Memory / Megabyte)));
        }
    }

    private static (double Seconds, long Memory) Quantise(BenchContext context, Checkpoint checkpoint, QuantizationPlan plan)
    {
        context.Cancellation.ThrowIfCancellationRequested();
        string folder = Directory.CreateDirectory(Path.Combine(context.Folder, "quantising")).FullName;
        try
        {
            long before = ProcessMemory.SettledAnonymous();
            using var memory = new ProcessMemory();
            long start = Stopwatch.GetTimestamp();
            QuantizedFile.Write(checkpoint, plan, folder, context.Cancellation);
            return (Stopwatch.GetElapsedTime(start).TotalSeconds, Math.Max(0, memory.PeakAnonymous - before));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
