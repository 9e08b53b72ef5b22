using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Export.Planning;

/// <summary>What an export would write, and what running it takes: worked out, nothing written.</summary>
/// <remarks>
/// Memory is that of one sequence of <see cref="ModelFacts.MaxLength"/> positions. Not counted: rotary tables, the activations of a
/// chunk of the prompt, and what the runtime and a device's driver take for themselves.
/// </remarks>
public sealed record ExportPlan
{
    /// <summary>Positions that stay captured where finished ones are decoded and let go.</summary>
    public const int CaptureWindow = 128;

    /// <summary>The checkpoint's folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>True where the folder has weights, whose shapes and types were read; false where all comes of config.json.</summary>
    public required bool HasWeights { get; init; }

    /// <summary>The model's sizes; its longest sequence is the one planned for.</summary>
    public required ModelFacts Model { get; init; }

    /// <summary>Number of weights of the model, each counted once.</summary>
    public required long Parameters { get; init; }

    /// <summary>What the weights are stored in: <c>fp32</c>, <c>fp16</c> or <c>bf16</c>.</summary>
    public required string WeightType { get; init; }

    /// <summary>Arithmetic, and element type of cache and captures.</summary>
    public required string Precision { get; init; }

    /// <summary>The forms in which weights would be quantised. Empty where none are.</summary>
    public ImmutableArray<Bundles.Quantization> Quantization { get; init; } = [];

    /// <summary>The shards, in layer order.</summary>
    public required ImmutableArray<ShardNeed> Shards { get; init; }

    /// <summary>Final norm and unembedding.</summary>
    public required HeadNeed Head { get; init; }

    /// <summary>What the user should know of the choices, one sentence each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Sums by device, as the shards are placed.</summary>
    public ImmutableArray<DeviceNeed> Devices =>
    [
        .. Shards.Select(shard => (shard.Device, shard.Memory)).Append((Head.Device, Head.Memory))
            .GroupBy(part => part.Device, part => part.Memory)
            .Select(parts => new DeviceNeed(parts.Key, MemoryParts.Sum(parts))),
    ];

    /// <summary>Everything together.</summary>
    public MemoryParts Memory => MemoryParts.Sum(Devices.Select(device => device.Memory));

    /// <summary>Bytes that a decode step at the planned length reads, through all shards and the LM head.</summary>
    public long StepBytes => Shards.Sum(shard => shard.StepBytes) + Head.StepBytes;

    /// <summary>What the fullest device takes where each shard has a device of its own, and the LM head goes with the last.</summary>
    /// <param name="captures">How much is kept captured.</param>
    /// <returns>Bytes.</returns>
    public long Fullest(CaptureExtent captures) => Shards.Max(shard => OnItsOwn(shard).Total(captures));

    /// <summary>What a shard takes on a device of its own: with the LM head, where it is the last.</summary>
    public MemoryParts OnItsOwn(ShardNeed shard)
    {
        ArgumentNullException.ThrowIfNull(shard);
        return shard == Shards[^1] ? MemoryParts.Sum([shard.Memory, Head.Memory]) : shard.Memory;
    }

    /// <summary>The least time of a decode step of one sequence at the planned length, in seconds.</summary>
    /// <param name="bytesPerSecond">Memory bandwidth of a device.</param>
    /// <remarks>
    /// t = (Σ_s (W_s + K_s(n)) + W_head) / bandwidth, with W_s the bytes of a shard's weights without the embedding, K_s(n) those of its keys
    /// and values at n positions, W_head those of final norm and unembedding. A token goes through the shards one after the other, so their
    /// times add up, whatever the number of devices. A batch-1 step does about one multiplication per weight read, far below what devices can do in that
    /// time, so reading bounds it from below (Pope et al. 2022, Efficiently Scaling Transformer Inference); launches, hand-overs and bandwidth that is not reached come on top.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The bandwidth is not a positive number.</exception>
    public double StepSeconds(double bytesPerSecond)
    {
        if (!double.IsFinite(bytesPerSecond) || bytesPerSecond <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(bytesPerSecond), bytesPerSecond, "A bandwidth is a number of bytes per second above 0.");
        }

        return StepBytes / bytesPerSecond;
    }
}
