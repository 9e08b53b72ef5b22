using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>
/// Builds an ONNX model node by node. Every value has a name, a type and a shape, which are written into the file;
/// nodes can only read values that are there already, so the order of calls is the order of the graph.
/// </summary>
/// <remarks>Opset 21 and com.microsoft 1, IR version 10. Not thread-safe.</remarks>
public sealed class GraphBuilder
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string MicrosoftDomain = "com.microsoft";

    /// <summary>Constants of this many bytes and more must be external data.</summary>
    public const int InlineLimit = 1024;

    private const int IrVersion = 10;
    private const int OpsetVersion = 21;
    private const int MicrosoftOpsetVersion = 1;
    private const string Producer = "onnxlens";

    private readonly GraphProto _graph;
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nodeNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs = new(StringComparer.Ordinal);
    private readonly List<Value> _produced = [];
    private readonly List<string> _scopes = [];
    private bool _built;

    /// <summary>Starts an empty graph.</summary>
    public GraphBuilder(string graphName)
    {
        ArgumentException.ThrowIfNullOrEmpty(graphName);
        _graph = new GraphProto { Name = graphName };
    }

    /// <summary>A value of the graph by its name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Value this[string name] => _values.TryGetValue(name, out Value? value)
        ? value
        : throw new ArgumentException($"Graph '{_graph.Name}' has no value '{name}'.", nameof(name));

    /// <summary>Enters a scope: until it is disposed, names given by <see cref="Scoped"/> begin with it.</summary>
    /// <exception cref="InvalidOperationException">On dispose: scopes are left in another order than they were entered.</exception>
    public IDisposable Scope(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _scopes.Add(name);
        return new ScopeGuard(this, _scopes.Count);
    }

    /// <summary>A name within the scopes that are entered, e.g. <c>/layers.3/attn/q_proj/MatMul</c>.</summary>
    public string Scoped(string name) => string.Concat(_scopes.Select(scope => "/" + scope)) + "/" + name;

    /// <summary>Declares an input that must be fed.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Value Input(string name, ElementType type, TensorShape shape)
    {
        Value value = Declare(name, type, shape);
        _graph.Input.Add(value.ToProto());
        return value;
    }

    /// <summary>Declares an input that holds a zero of one element (rank as the shape's) where it is not fed.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Value OptionalInput(string name, ElementType type, TensorShape shape)
    {
        Value value = Input(name, type, shape);
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(new byte[type.ByteSize()]) };
        for (int i = 0; i < shape.Rank; i++) tensor.Dims.Add(1);
        _graph.Initializer.Add(tensor);
        return value;
    }

    /// <summary>Makes a value an output. Calling it again for the same value changes nothing.</summary>
    /// <exception cref="ArgumentException">The value is not of this graph.</exception>
    public void Output(Value value)
    {
        Require(value);
        if (_outputs.Add(value.Name)) _graph.Output.Add(value.ToProto());
    }

    /// <summary>A weight whose bytes lie in another file, little-endian, row-major.</summary>
    /// <exception cref="ArgumentException">The name is taken, the shape is not of numbers only, or the length is not what shape and type need.</exception>
    public Value Weight(string name, ElementType type, TensorShape shape, ExternalData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        TensorProto tensor = NewTensor(name, type, shape, data.Length);
        data.WriteTo(tensor);
        _graph.Initializer.Add(tensor);
        return Declare(name, type, shape);
    }

    /// <summary>A small constant, held in the graph itself.</summary>
    /// <exception cref="ArgumentException">The name is taken, the count is not the shape's, or the bytes reach <see cref="InlineLimit"/>.</exception>
    public Value Constant<T>(string name, TensorShape shape, params ReadOnlySpan<T> values) where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        if (bytes.Length >= InlineLimit)
        {
            throw new ArgumentException($"Constant '{name}' has {bytes.Length} bytes; from {InlineLimit} on it must be a weight in another file.", nameof(values));
        }

        ElementType type = TypeOf<T>();
        TensorProto tensor = NewTensor(name, type, shape, bytes.Length);
        tensor.RawData = ByteString.CopyFrom(bytes);
        _graph.Initializer.Add(tensor);
        return Declare(name, type, shape);
    }

    /// <summary>A constant vector of int64, named by its content, so that equal ones are stored once.</summary>
    public Value Ints(params ReadOnlySpan<long> values)
    {
        string name = "/constants/int64[" + string.Join(",", values.ToArray().Select(v => v.ToString(CultureInfo.InvariantCulture))) + "]";
        return _values.TryGetValue(name, out Value? known) ? known : Constant(name, TensorShape.Of(values.Length), values);
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="op">Operator, e.g. <c>Add</c>; one of another domain as <c>com.microsoft:FusedMatMul</c>.</param>
    /// <param name="inputs">Inputs by position; null leaves an optional one out.</param>
    /// <param name="type">The output's element type.</param>
    /// <param name="shape">The output's shape.</param>
    /// <param name="output">The output's name; null gives <c>{node name}/output</c>.</param>
    /// <param name="label">The node's name within the scopes; null gives the operator's name.</param>
    /// <param name="attributes">Attributes.</param>
    /// <exception cref="ArgumentException">A name is taken, or an input is not of this graph.</exception>
    public Value Node(
        string op,
        ReadOnlySpan<Value?> inputs,
        ElementType type,
        TensorShape shape,
        string? output = null,
        string? label = null,
        params ReadOnlySpan<AttributeProto> attributes)
    {
        NodeProto node = NewNode(op, label, inputs, attributes);
        Value value = Produce(node, output ?? node.Name + "/output", type, shape);
        _graph.Node.Add(node);
        return value;
    }

    /// <summary>Adds a node with several outputs, given by name, type and shape.</summary>
    /// <inheritdoc cref="Node" path="/exception"/>
    public Value[] MultiNode(
        string op,
        ReadOnlySpan<Value?> inputs,
        ReadOnlySpan<Value> outputs,
        string? label = null,
        params ReadOnlySpan<AttributeProto> attributes)
    {
        NodeProto node = NewNode(op, label, inputs, attributes);
        var values = new Value[outputs.Length];
        for (int i = 0; i < outputs.Length; i++) values[i] = Produce(node, outputs[i].Name, outputs[i].Type, outputs[i].Shape);
        _graph.Node.Add(node);
        return values;
    }

    /// <summary>Ends the graph and gives the model. The builder takes nothing more.</summary>
    /// <exception cref="InvalidOperationException">It was built before, or has no output.</exception>
    public ModelProto Build()
    {
        ThrowIfBuilt();
        if (_outputs.Count == 0) throw new InvalidOperationException($"Graph '{_graph.Name}' has no output.");

        _built = true;
        foreach (Value value in _produced)
        {
            if (!_outputs.Contains(value.Name)) _graph.ValueInfo.Add(value.ToProto());
        }

        var model = new ModelProto { IrVersion = IrVersion, ProducerName = Producer, Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OpsetVersion });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = MicrosoftDomain, Version = MicrosoftOpsetVersion });
        return model;
    }

    private static ElementType TypeOf<T>() => default(T) switch
    {
        float => ElementType.Float,
        int => ElementType.Int32,
        long => ElementType.Int64,
        byte => ElementType.UInt8,
        sbyte => ElementType.Int8,
        Half => ElementType.Float16,
        double => ElementType.Double,
        _ => throw new NotSupportedException($"No ONNX element type is known for {typeof(T)}."),
    };

    private static TensorProto NewTensor(string name, ElementType type, TensorShape shape, long bytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Count() * type.ByteSize() != bytes)
        {
            throw new ArgumentException($"'{name}' of type {type} and shape {shape} does not fit its {bytes} bytes.", nameof(bytes));
        }

        var tensor = new TensorProto { Name = name, DataType = (int)type };
        foreach (Dimension dimension in shape.Dimensions) tensor.Dims.Add(dimension.Size ?? 0);
        return tensor;
    }

    private NodeProto NewNode(string op, string? label, ReadOnlySpan<Value?> inputs, ReadOnlySpan<AttributeProto> attributes)
    {
        ThrowIfBuilt();
        ArgumentException.ThrowIfNullOrEmpty(op);
        int colon = op.IndexOf(':', StringComparison.Ordinal);
        var node = new NodeProto { OpType = op[(colon + 1)..], Domain = colon < 0 ? "" : op[..colon] };
        node.Name = Scoped(label ?? node.OpType);
        if (!_nodeNames.Add(node.Name)) throw new ArgumentException($"The graph has a node '{node.Name}' already.", nameof(label));

        foreach (Value? input in inputs)
        {
            if (input is not null) Require(input);
            node.Input.Add(input?.Name ?? "");
        }

        foreach (AttributeProto attribute in attributes) node.Attribute.Add(attribute);
        return node;
    }

    private Value Produce(NodeProto node, string name, ElementType type, TensorShape shape)
    {
        Value value = Declare(name, type, shape);
        node.Output.Add(name);
        _produced.Add(value);
        return value;
    }

    private Value Declare(string name, ElementType type, TensorShape shape)
    {
        ThrowIfBuilt();
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(shape);
        var value = new Value(name, type, shape);
        return _values.TryAdd(name, value)
            ? value
            : throw new ArgumentException($"The graph has a value '{name}' already.", nameof(name));
    }

    private void Require(Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!_values.TryGetValue(value.Name, out Value? known) || known != value)
        {
            throw new ArgumentException($"Value '{value.Name}' is not of this graph.", nameof(value));
        }
    }

    private void ThrowIfBuilt()
    {
        if (_built) throw new InvalidOperationException($"Graph '{_graph.Name}' is built and takes nothing more.");
    }

    private sealed class ScopeGuard(GraphBuilder builder, int depth) : IDisposable
    {
        private bool _left;

        public void Dispose()
        {
            if (_left) return;
            _left = true;
            if (builder._scopes.Count != depth) throw new InvalidOperationException("Scopes are left in another order than they were entered.");
            builder._scopes.RemoveAt(depth - 1);
        }
    }
}
