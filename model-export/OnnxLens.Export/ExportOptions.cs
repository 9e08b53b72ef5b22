using System.Collections.Immutable;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;

namespace OnnxLens.Export;

/// <summary>How a checkpoint is exported.</summary>
public sealed record ExportOptions
{
    /// <summary>Number of shards; null is one for each of <see cref="Devices"/>.</summary>
    public int? Shards { get; init; }

    /// <summary>The device of each shard, or one for all; empty is the CPU. The LM head goes with the last shard.</summary>
    public ImmutableArray<Device> Devices { get; init; } = [];

    /// <summary>File of the CUDA provider, as <see cref="LensModelOptions.ProviderLibrary"/>: a bundle is tested on the devices that it is exported for.</summary>
    public string? ProviderLibrary { get; init; }

    /// <summary>The longest sequence; null is the model's own, at most <see cref="Checkpoints.CheckpointReaderOptions.DefaultMaxLength"/>.</summary>
    public int? MaxLength { get; init; }

    /// <summary>How the bundle holds the weights.</summary>
    public WeightsMode Weights { get; init; }

    /// <summary>The arithmetic.</summary>
    public Precision Precision { get; init; }

    /// <summary>How weights are quantised; null leaves them as they are.</summary>
    public Bundles.Quantization? Quantization { get; init; }

    /// <summary>Which weights are quantised, where any are.</summary>
    public QuantizationScope QuantizationScope { get; init; }

    /// <summary>The device of every shard, once the number of shards is settled.</summary>
    /// <exception cref="SelectionException">Shards and devices do not agree, or the model has fewer layers than shards.</exception>
    internal ImmutableArray<Device> DevicePerShard(int layers) => ShardDevices.Of(Shards, Devices, Device.Cpu, layers);
}
