using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Bundling;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Graphs;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Planning;

/// <summary>
/// Plans the export of a checkpoint, or of a model of which only config.json is there: the shards, precision and weights that
/// <see cref="BundleExporter"/> would write, and the memory that they take. Reads headers at most, and writes nothing.
/// </summary>
public sealed class ExportPlanner
{
    /// <summary>More than this is no model, but a mistake in its config.</summary>
    private const long MostBytes = 1L << 60;

    private readonly Checkpoint _checkpoint;
    private readonly ExportChoices _choices;
    private readonly MemoryEstimate _memory;
    private readonly WeightBytes _weights;

    private ExportPlanner(Checkpoint checkpoint, ExportChoices choices)
    {
        _checkpoint = checkpoint;
        _choices = choices;
        long parameters = checkpoint.Tensors.Values.Sum(Elements);
        _memory = MemoryEstimate.Of(Facts, choices.Precision.Name, parameters, new LensModelOptions().HeadMemoryBytes, choices.Devices[^1].Kind);
        bool onCpu = choices.Devices.All(device => device.Kind == DeviceKind.Cpu);
        _weights = WeightBytes.Of(
            checkpoint, tensor => choices.Quantization?.Find(tensor.Name)?.Bytes ?? WeightMemory.Bytes(tensor.Type, tensor.Shape, choices.Precision.Type, onCpu));
    }

    private ModelFacts Facts => _checkpoint.Architecture.Facts;

    /// <summary>Reads a checkpoint's config, and its weights' headers where it has weights.</summary>
    /// <param name="folder">The folder that holds config.json.</param>
    /// <param name="options">The export to plan; <see cref="ExportOptions.Weights"/> makes no difference here.</param>
    /// <exception cref="CheckpointException">The checkpoint contradicts itself, or has no weights and a config that does not say their type.</exception>
    /// <exception cref="UnsupportedArchitectureException">The model has a feature that is not built.</exception>
    /// <exception cref="TokenizerException">There are tokenizer files, which are of another model or cannot be read.</exception>
    /// <exception cref="SelectionException">An option does not fit the model.</exception>
    public static ExportPlanner Read(string folder, ExportOptions? options = null)
    {
        options ??= new ExportOptions();
        Checkpoint checkpoint = CheckpointReader.ReadForPlan(folder, new CheckpointReaderOptions { MaxLength = options.MaxLength });
        RequirePlausible(checkpoint);
        TokenizerCheck.Require(checkpoint.Folder, checkpoint.Architecture.Facts.VocabularySize);
        return new ExportPlanner(checkpoint, ExportChoices.Of(checkpoint, options));
    }

    /// <summary>The plan of the export that was asked for.</summary>
    public ExportPlan Plan() => Plan(_choices.Devices);

    /// <summary>The plan with the fewest shards of which each fits a device of its own, the last one together with the LM head.</summary>
    /// <param name="deviceBytes">What a device holds.</param>
    /// <param name="captures">How much is kept captured.</param>
    /// <returns>Null where a single layer, with what must go with it, is more than a device holds.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A device holds nothing.</exception>
    public ExportPlan? Least(long deviceBytes, CaptureExtent captures)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(deviceBytes, 1);
        long heaviest = Enumerable.Range(0, Facts.Layers).Max(layer => Parts(layer, 1).Total(captures) + (layer == Facts.Layers - 1 ? HeadParts.Total(captures) : 0));
        if (heaviest > deviceBytes)
        {
            return null;
        }

        // As many as the sum asks for at least; as many as there are layers would do.
        long all = Parts(0, Facts.Layers).Total(captures) + HeadParts.Total(captures);
        for (int count = (int)Math.Clamp(((all - 1) / deviceBytes) + 1, 1, Facts.Layers); ; count++)
        {
            ExportPlan plan = Plan([.. Enumerable.Repeat(_choices.Devices[0], count)]);
            if (plan.Fullest(captures) <= deviceBytes)
            {
                return plan;
            }
        }
    }

    private MemoryParts HeadParts => new() { Weights = _weights.Head, HeadCall = _memory.HeadCallBytes };

    private ExportPlan Plan(ImmutableArray<Device> devices) => new()
    {
        Folder = _checkpoint.Folder,
        HasWeights = !_checkpoint.WeightFiles.IsEmpty,
        Model = Facts,
        Parameters = _memory.Parameters,
        WeightType = Precisions.Name(_checkpoint.WeightType),
        Precision = _choices.Precision.Name,
        Quantization = _choices.Quantization is { } quantization ? [quantization.Form] : [],
        Shards = [.. ShardPlanner.Plan(_checkpoint, devices, _choices.Quantization).Select(Need)],
        Head = new HeadNeed(devices[^1].ToString(), _memory.HeadRows, HeadParts, _weights.Head),
        Notes = _choices.Notes,
    };

    private ShardNeed Need(ShardPlan shard) => new(
        shard.File, shard.FirstLayer, shard.LayerCount, shard.Device, Parts(shard.FirstLayer, shard.LayerCount), StepBytes(shard.FirstLayer, shard.LayerCount));

    private MemoryParts Parts(int first, int count)
    {
        long capture = count * _memory.CaptureBytesPerToken;
        return new MemoryParts
        {
            Weights = LayerWeights(first, count) + (first == 0 ? _weights.Embedding : 0),
            Cache = count * CacheBytes(Facts.MaxLength),
            Captures = capture * Facts.MaxLength,
            WindowCaptures = capture * Math.Min(Facts.MaxLength, ExportPlan.CaptureWindow),
        };
    }

    private long StepBytes(int first, int count) => LayerWeights(first, count)
        + Enumerable.Range(first, count).Sum(layer => CacheBytes(Math.Min(Facts.MaxLength, _checkpoint.Architecture.Windows[layer] ?? int.MaxValue)));

    private long LayerWeights(int first, int count) => Enumerable.Range(first, count).Sum(layer => _weights.Layers[layer]);

    /// <summary>Keys and values of one layer at so many positions.</summary>
    private long CacheBytes(int positions) => _memory.CacheBytesPerToken / Facts.Layers * positions;

    private static long Elements(CheckpointTensor tensor) => tensor.Bytes / tensor.Type.ByteSize();

    /// <summary>Refuses sizes with which the arithmetic above would overflow.</summary>
    private static void RequirePlausible(Checkpoint checkpoint)
    {
        ModelFacts facts = checkpoint.Architecture.Facts;
        long widest = ElementType.Float.ByteSize();
        Int128 weights = checkpoint.Tensors.Values.Aggregate(Int128.Zero, (sum, tensor) => sum + Elements(tensor)) + ((Int128)facts.VocabularySize * facts.HiddenSize);
        Int128 positions = (Int128)facts.Layers * facts.MaxLength * ((2L * facts.KvHeads * facts.HeadDim) + facts.HiddenSize);
        if ((weights + positions) * widest > MostBytes)
        {
            throw new CheckpointException(
                $"The sizes in '{Path.Combine(checkpoint.Folder, CheckpointReader.ConfigFile)}' are those of a model that takes more than {MostBytes >> 60} EiB. Check num_hidden_layers, hidden_size, intermediate_size, num_attention_heads, head_dim and vocab_size.");
        }
    }
}
