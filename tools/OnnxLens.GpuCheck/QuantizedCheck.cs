using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;

namespace OnnxLens.GpuCheck;

/// <summary>A checkpoint with weights of a few bits: the device against the CPU, which computes with the same numbers in single precision.</summary>
/// <param name="context">The device.</param>
/// <param name="name">What the lines are called.</param>
/// <param name="checkpoint">The checkpoint.</param>
/// <param name="tokens">A sequence.</param>
internal sealed class QuantizedCheck(CheckContext context, string name, string checkpoint, ImmutableArray<int> tokens)
{
    /// <summary>Runs every check.</summary>
    /// <param name="bits">4 or 8.</param>
    /// <param name="precision">Of the activations.</param>
    /// <param name="tolerance">The largest difference, relative to the largest value.</param>
    public void Run(int bits, Precision precision, double tolerance)
    {
        Quantization form = QuantizationForms.Default(bits) with { AccuracyLevel = QuantizationForms.ExactLevel };
        (float[] sites, float[] logits) expected = Values(context.Export(checkpoint, new ExportOptions { Quantization = form }));
        LensBundle whole = context.Export(checkpoint, context.On(1) with { Quantization = form, Precision = precision });
        (float[] sites, float[] logits) one = Values(whole);
        (float[] sites, float[] logits) two = Values(context.Export(checkpoint, context.On(2) with { Quantization = form, Precision = precision }));
        string what = $"{name} int{bits}";
        context.Report.AtMost($"{what}: every residual against the CPU, relative", Numbers.Relative(expected.sites, one.sites), tolerance);
        context.Report.AtMost($"{what}: last logits against the CPU, relative", Numbers.Relative(expected.logits, one.logits), tolerance);
        context.Report.Hold($"{what}: two shards are one, bit for bit", one.sites.AsSpan().SequenceEqual(two.sites) && one.logits.AsSpan().SequenceEqual(two.logits));
        Placement.Report(context, what, whole, tokens);
    }

    private (float[] Sites, float[] Logits) Values(LensBundle bundle)
    {
        ImmutableArray<HookPoint> points = HookSpec.Points([Site.ResidPost], Enumerable.Range(0, bundle.Manifest.Model.Layers));
        using LensModel model = LensModel.Open(bundle, new LensModelOptions { Capture = points });
        using ModelRun run = model.Begin(new HookSpec { Capture = points }, tokens.Length);
        run.Prefill(tokens.AsSpan(), context.Cancellation);
        return ([.. points.SelectMany(point => Numbers.Rows(run, point, model.Facts.HiddenSize))], run.Logits().ToArray());
    }
}
