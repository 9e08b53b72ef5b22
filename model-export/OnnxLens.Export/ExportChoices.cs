using System.Collections.Immutable;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;

namespace OnnxLens.Export;

/// <summary>What an export decides before it writes: the same for an export and for the plan of one.</summary>
/// <param name="Devices">The device of each shard.</param>
/// <param name="Precision">The arithmetic.</param>
/// <param name="Quantization">Which weights are quantised, and how; null where none are.</param>
internal sealed record ExportChoices(ImmutableArray<Device> Devices, PrecisionChoice Precision, QuantizationPlan? Quantization)
{
    /// <summary>What the user should know of the choices, one sentence each.</summary>
    public ImmutableArray<string> Notes => [.. Precision.Notes, .. Quantization is null ? [] : QuantizationForms.Notes(Quantization.Form)];

    /// <summary>Decides.</summary>
    /// <exception cref="SelectionException">An option does not fit the model.</exception>
    public static ExportChoices Of(Checkpoint checkpoint, ExportOptions options)
    {
        ImmutableArray<Device> devices = options.DevicePerShard(checkpoint.Architecture.Facts.Layers);
        PrecisionChoice precision = PrecisionResolver.Resolve(options.Precision, devices, checkpoint.WeightType, QuantizationForms.Operators(options.Quantization, options.QuantizationScope));
        QuantizationPlan? quantization = options.Quantization is null
            ? null
            : new QuantizationPlan(checkpoint, options.Quantization, options.QuantizationScope, precision.Type);
        return new ExportChoices(devices, precision, quantization);
    }
}
