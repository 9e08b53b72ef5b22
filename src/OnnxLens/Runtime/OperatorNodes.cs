using Google.Protobuf;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Runtime;

/// <summary>
/// Puts the nodes of activation-dependent operators into a shard's graph, around the addition of a steering input. They are put in
/// when a model is opened for them and are in no file, so a model that is opened without them pays nothing.
/// </summary>
/// <remarks>
/// With x the activation as the model made it and s the steering input, the site's value becomes
/// <c>y = x − Σ_k (x·u_k) u_k + s + |x|·r</c>, then <c>y·|x|/|y|</c> where the norm is kept. Every input is zero where it is not fed,
/// and a row whose inputs are zero keeps its bits: it has x − 0, + 0, and · 1. The directions u_k of a row are orthonormal.
/// </remarks>
internal sealed class OperatorNodes
{
    private const string AxesName = "onnxlens.operators.last_axis";
    private const string OneName = "onnxlens.operators.one";
    private const string SmallestName = "onnxlens.operators.smallest_norm";

    private readonly GraphProto _graph;
    private readonly ElementType _type;
    private readonly string _steer;
    private readonly List<NodeProto> _nodes = [];
    private int _count;

    private OperatorNodes(GraphProto graph, ElementType type, string steer)
    {
        _graph = graph;
        _type = type;
        _steer = steer;
    }

    /// <summary>Inserts the nodes that are needed at one hook point.</summary>
    /// <param name="model">The shard's graph, edited in place.</param>
    /// <param name="point">The hook point, for messages.</param>
    /// <param name="steer">Its steering input, read by one Add.</param>
    /// <param name="needs">What is needed.</param>
    /// <param name="type">Element type of the activations.</param>
    /// <exception cref="BundleException">The graph does not add the steering input as bundles do.</exception>
    public static void Insert(ModelProto model, HookPoint point, string steer, OperatorNeeds needs, ElementType type)
    {
        GraphProto graph = model.Graph;
        NodeProto[] readers = [.. graph.Node.Where(node => node.Input.Contains(steer))];
        if (readers is not [{ OpType: "Add", Input.Count: 2, Output.Count: 1 } add])
        {
            throw new BundleException($"The steering input '{steer}' of hook point '{point}' is not added to one value, so the bundle can only add vectors there.");
        }

        EnsureConstants(graph);
        var before = new OperatorNodes(graph, type, steer);
        int activation = add.Input[0] == steer ? 1 : 0;
        string original = add.Input[activation];
        add.Input[activation] = before.EmitBefore(original, needs);
        int index = graph.Node.IndexOf(add);
        Insert(graph, index, before._nodes);
        if (needs.KeepsNorm)
        {
            string value = add.Output[0];
            add.Output[0] = before.Name("moved");
            var after = new OperatorNodes(graph, type, steer) { _count = before._count };
            after.EmitNormRestored(original, add.Output[0], value);
            Insert(graph, index + before._nodes.Count + 1, after._nodes);
        }
    }

    private static void Insert(GraphProto graph, int index, List<NodeProto> nodes)
    {
        foreach (NodeProto node in nodes)
        {
            graph.Node.Insert(index++, node);
        }
    }

    private string EmitBefore(string activation, OperatorNeeds needs)
    {
        string value = activation;
        for (int k = 0; k < needs.Ablations; k++)
        {
            string direction = Input(OperatorPorts.Ablate(_steer, k));
            string single = ToSingle(value);
            string along = Node("ReduceSum", [Node("Mul", [single, direction]), AxesName], Attributes.Int("keepdims", 1));
            value = FromSingle(Node("Sub", [single, Node("Mul", [along, direction])]));
        }

        if (needs.Relative)
        {
            string shift = Node("Mul", [Norm(activation), Input(OperatorPorts.Relative(_steer))]);
            value = Node("Add", [value, FromSingle(shift)]);
        }

        return value;
    }

    private void EmitNormRestored(string activation, string moved, string result)
    {
        string keep = Node("Cast", [Input(OperatorPorts.KeepNorm(_steer))], Attributes.Int("to", (long)ElementType.Bool));
        string norm = Node("Max", [Norm(moved), SmallestName]);
        string scale = Node("Where", [keep, Node("Div", [Norm(activation), norm]), OneName]);
        string scaled = Node("Mul", [ToSingle(moved), scale]);
        NodeProto last = _type == ElementType.Float ? _nodes[^1] : _nodes[AddCast(scaled, _type)];
        last.Output[0] = result;
    }

    private string Norm(string value)
    {
        string single = ToSingle(value);
        return Node("Sqrt", [Node("ReduceSum", [Node("Mul", [single, single]), AxesName], Attributes.Int("keepdims", 1))]);
    }

    private string ToSingle(string value) => _type == ElementType.Float ? value : _nodes[AddCast(value, ElementType.Float)].Output[0];

    private string FromSingle(string value) => _type == ElementType.Float ? value : _nodes[AddCast(value, _type)].Output[0];

    private int AddCast(string value, ElementType type)
    {
        Node("Cast", [value], Attributes.Int("to", (long)type));
        return _nodes.Count - 1;
    }

    private string Node(string op, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        string name = Name(op);
        var node = new NodeProto { OpType = op, Name = name };
        node.Input.AddRange(inputs.ToArray());
        node.Output.Add(name + "/output");
        node.Attribute.AddRange(attributes.ToArray());
        _nodes.Add(node);
        return node.Output[0];
    }

    private string Name(string label) => $"{_steer}/operators/{_count++}/{label}";

    /// <summary>Declares an input of rank 3 that is zero [1,1,1] where it is not fed.</summary>
    private string Input(string name)
    {
        AddedInputs.Declare(_graph, name, ElementType.Float, 3);
        _graph.Initializer.Add(Constant(name, ElementType.Float, [1, 1, 1], BitConverter.GetBytes(0f)));
        return name;
    }

    private static void EnsureConstants(GraphProto graph)
    {
        if (!graph.Initializer.Any(tensor => tensor.Name == AxesName))
        {
            graph.Initializer.Add(Constant(AxesName, ElementType.Int64, [1], BitConverter.GetBytes(-1L)));
            graph.Initializer.Add(Constant(OneName, ElementType.Float, [1], BitConverter.GetBytes(1f)));
            graph.Initializer.Add(Constant(SmallestName, ElementType.Float, [1], BitConverter.GetBytes(1e-30f)));
        }
    }

    private static TensorProto Constant(string name, ElementType type, long[] shape, byte[] bytes)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(shape);
        return tensor;
    }
}
