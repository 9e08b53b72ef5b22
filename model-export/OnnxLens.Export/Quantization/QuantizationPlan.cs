using System.Collections.Immutable;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Quantization;

/// <summary>Which weights of a checkpoint are quantised, how, and where in the bundle's data file each part of them lies.</summary>
public sealed class QuantizationPlan
{
    /// <summary>The data file's name.</summary>
    public const string FileName = "weights.data";

    private const int Alignment = 4096;

    private readonly Dictionary<string, QuantizedTensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>Lays out the file. Nothing is read or written.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="form">How weights are quantised.</param>
    /// <param name="scope">Which.</param>
    /// <param name="scaleType">Element type of scales, that of the graphs: Float, Float16 or BFloat16.</param>
    /// <exception cref="SelectionException">The form is not built.</exception>
    public QuantizationPlan(Checkpoint checkpoint, Bundles.Quantization form, QuantizationScope scope, ElementType scaleType)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        QuantizationForms.Validate(form);
        Form = form;
        ScaleType = scaleType;
        var tensors = ImmutableArray.CreateBuilder<QuantizedTensor>();
        foreach (WeightSpec spec in WeightNames.Needed(checkpoint.Architecture).Where(spec => IsIn(scope, spec)))
        {
            QuantizedTensor tensor = Place(checkpoint.Tensors[spec.Name]);
            tensors.Add(tensor);
            _tensors.Add(spec.Name, tensor);
        }

        Tensors = tensors.ToImmutable();
    }

    /// <summary>How weights are quantised.</summary>
    public Bundles.Quantization Form { get; }

    /// <summary>Element type of the scales.</summary>
    public ElementType ScaleType { get; }

    /// <summary>The quantised weights, in the order of the forward pass.</summary>
    public ImmutableArray<QuantizedTensor> Tensors { get; }

    /// <summary>Size of the data file.</summary>
    public long Bytes { get; private set; }

    /// <summary>A weight's quantised form, or null where it stays as it is.</summary>
    /// <param name="name">The checkpoint's name for it.</param>
    public QuantizedTensor? Find(string name) => _tensors.GetValueOrDefault(name);

    /// <summary>Every matrix of a block is a projection; the two others have names.</summary>
    private static bool IsIn(QuantizationScope scope, WeightSpec spec) =>
        spec.Shape.Length == 2 && (scope == QuantizationScope.All || spec.Name is not (WeightNames.Embedding or WeightNames.LmHead));

    private QuantizedTensor Place(CheckpointTensor source)
    {
        long rows = source.Shape[0];
        long blocks = QuantizedTensor.BlocksOf(source, Form);
        return new QuantizedTensor(
            source,
            Form,
            Region(rows * blocks * (Form.BlockSize * Form.Bits / 8)),
            Region(rows * blocks * ScaleType.ByteSize()),
            Form.Symmetric ? null : Region(rows * QuantizedTensor.ZeroPointRowBytesOf(source, Form)));
    }

    private ExternalData Region(long length)
    {
        long offset = (Bytes + Alignment - 1) / Alignment * Alignment;
        Bytes = checked(offset + length);
        return new ExternalData(FileName, offset, length);
    }
}
