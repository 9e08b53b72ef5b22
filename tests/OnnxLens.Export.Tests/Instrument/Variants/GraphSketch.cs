using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Writes a graph node by node, in any opset and without types, as many exporters do; weights are random and by its seed the same every time.</summary>
internal sealed class GraphSketch
{
    private readonly Random _random;
    private readonly bool _constantNodes;
    private readonly Dictionary<string, string> _numbers = [];
    private int _count;

    /// <param name="seed">Seed of the weights.</param>
    /// <param name="opset">Version of the standard operators.</param>
    /// <param name="constantNodes">Whether constants are Constant nodes in place of initializers.</param>
    public GraphSketch(int seed, int opset, bool constantNodes = false)
    {
        _random = new Random(seed);
        _constantNodes = constantNodes;
        Opset = opset;
        Model = new ModelProto { IrVersion = opset >= 23 ? 11 : opset >= 21 ? 10 : 8, ProducerName = "variants", Graph = new GraphProto { Name = "decoder" } };
        Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        Model.OpsetImport.Add(new OperatorSetIdProto { Domain = GraphBuilder.MicrosoftDomain, Version = 1 });
    }

    public ModelProto Model { get; }

    public int Opset { get; }

    private GraphProto Graph => Model.Graph;

    /// <summary>A node with one output; of another domain as <c>com.microsoft:Gelu</c>.</summary>
    public string Op(string op, string[] inputs, params AttributeProto[] attributes) => Ops(op, 1, inputs, attributes)[0];

    /// <summary>A node with several outputs.</summary>
    public string[] Ops(string op, int outputs, string[] inputs, params AttributeProto[] attributes)
    {
        int colon = op.IndexOf(':', StringComparison.Ordinal);
        var node = new NodeProto { OpType = op[(colon + 1)..], Domain = colon < 0 ? "" : op[..colon], Name = $"node_{_count}" };
        node.Input.AddRange(inputs);
        for (int i = 0; i < outputs; i++)
        {
            node.Output.Add($"{node.OpType}_{_count}_{i}");
        }

        _count++;
        node.Attribute.AddRange(attributes);
        Graph.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>The node that makes a value.</summary>
    public NodeProto Maker(string value) => Graph.Node.Single(node => node.Output.Contains(value));

    public string Input(string name, ElementType type, params object[] axes)
    {
        Graph.Input.Add(Port(name, type, axes));
        return name;
    }

    public void Output(string name, ElementType type = ElementType.Undefined, params object[] axes) =>
        Graph.Output.Add(type == ElementType.Undefined ? new ValueInfoProto { Name = name } : Port(name, type, axes));

    /// <summary>Random numbers of the size that keeps activations near 1.</summary>
    public string Weight(params long[] shape)
    {
        double scale = 1.2 / Math.Sqrt(shape.Length == 1 ? 16 : shape[^2]);
        return Tensor(Numbers(shape, () => (float)((_random.NextDouble() + _random.NextDouble() - 1) * 2.4 * scale)), shape);
    }

    /// <summary>Random numbers around 1, as norms have.</summary>
    public string Gain(long size) => Tensor(Numbers([size], () => (float)(0.6 + (0.8 * _random.NextDouble()))), size);

    public string Tensor(float[] values, params long[] shape) => Add($"weight_{_count++}", ElementType.Float, MemoryMarshal.AsBytes(values.AsSpan()), shape);

    public string Ints(params long[] values) => Known($"ints_{string.Join('_', values)}", ElementType.Int64, MemoryMarshal.AsBytes(values.AsSpan()), values.Length);

    public string Int(long value) => Known($"int_{value.ToString(CultureInfo.InvariantCulture)}", ElementType.Int64, MemoryMarshal.AsBytes(new[] { value }.AsSpan()));

    public string Int32(int value) => Known($"int32_{value.ToString(CultureInfo.InvariantCulture)}", ElementType.Int32, MemoryMarshal.AsBytes(new[] { value }.AsSpan()));

    public string Number(float value) => Known($"float_{value.ToString(CultureInfo.InvariantCulture)}", ElementType.Float, MemoryMarshal.AsBytes(new[] { value }.AsSpan()));

    public string Cast(string value, ElementType to) => Op("Cast", [value], Attributes.Int("to", (long)to));

    /// <summary>One size of a value's shape, int64 scalar.</summary>
    public string Size(string value, long axis) => Op("Gather", [Op("Shape", [value]), Int(axis)], Attributes.Int("axis", 0));

    public string Reshape(string value, params long[] shape) => Op("Reshape", [value, Ints(shape)]);

    public string Unsqueeze(string value, params long[] axes) => Op("Unsqueeze", [value, Ints(axes)]);

    public string Transpose(string value, params long[] order) => Op("Transpose", [value], Attributes.Ints("perm", order));

    private static float[] Numbers(long[] shape, Func<float> next)
    {
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = next();
        }

        return values;
    }

    private static ValueInfoProto Port(string name, ElementType type, object[] axes)
    {
        var shape = new TensorShapeProto();
        foreach (object axis in axes)
        {
            shape.Dim.Add(axis is string text
                ? new TensorShapeProto.Types.Dimension { DimParam = text }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(axis, CultureInfo.InvariantCulture) });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    private string Known(string key, ElementType type, ReadOnlySpan<byte> bytes, params long[] shape)
    {
        if (!_numbers.TryGetValue(key, out string? name))
        {
            _numbers[key] = name = Add(key, type, bytes, shape);
        }

        return name;
    }

    private string Add(string name, ElementType type, ReadOnlySpan<byte> bytes, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        if (!_constantNodes)
        {
            Graph.Initializer.Add(tensor);
            return name;
        }

        var node = new NodeProto { OpType = "Constant", Name = $"node_{name}" };
        node.Output.Add(name);
        node.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = tensor });
        Graph.Node.Add(node);
        return name;
    }
}
