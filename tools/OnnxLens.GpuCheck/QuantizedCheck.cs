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
    /// <param name="precisions">Those of the activations, with the largest difference of each, relative to the largest value.</param>
    public void Run(int bits, ImmutableArray<(Precision Precision, double Tolerance)> precisions)
    {
        Quantization form = QuantizationForms.Default(bits) with { AccuracyLevel = QuantizationForms.ExactLevel };
        PromptValues expected = Values(context.Export(checkpoint, new ExportOptions { Quantization = form }));
        foreach ((Precision precision, double tolerance) in precisions)
        {
            string what = $"{name} {precision} int{bits}".ToLowerInvariant();
            LensBundle whole = context.Export(checkpoint, context.On(1) with { Quantization = form, Precision = precision });
            PromptValues one = Values(whole);
            PromptValues two = Values(context.Export(checkpoint, context.On(2) with { Quantization = form, Precision = precision }));
            context.Report.AtMost($"{what}: every residual against the CPU, relative", Numbers.Relative(expected.Sites, one.Sites), tolerance);
            context.Report.AtMost($"{what}: last logits against the CPU, relative", Numbers.Relative(expected.Logits, one.Logits), tolerance);
            context.Report.Hold($"{what}: two shards are one, bit for bit", one.HasBitsOf(two));
            Placement.Report(context, what, whole, tokens);
        }
    }

    private PromptValues Values(LensBundle bundle) => PromptValues.Of(context, bundle, [Site.ResidPost], tokens);
}
