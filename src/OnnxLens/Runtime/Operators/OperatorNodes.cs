using Google.Protobuf;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Operators;

/// <summary>
/// Puts the nodes of activation-dependent operators into a shard's graph, around the addition of a steering input. They are put in
/// when a model is opened for them and are in no file, so a model that is opened without them pays nothing.
/// </summary>
/// <remarks>
/// With x the activation as the model made it and s the steering input, the site's value becomes
/// <c>y = x − Σ_k (x·u_k) u_k + s + |x|·r</c>, then <c>y·|x|/|y|</c> where the norm is kept. Every input is zero where it is not fed,
/// and a row whose inputs are zero keeps its bits: it has x − 0, + 0, and · 1. The directions u_k of a row are orthonormal.
/// Where one node sums the residual stream r and a block's contribution c, and norms the sum, x is r + c and c becomes c + (y − x).
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
    /// <param name="site">The hook point's value: what that Add gives, or a sum of it and the residual stream.</param>
    /// <param name="needs">What is needed.</param>
    /// <param name="type">Element type of the activations.</param>
    /// <exception cref="BundleException">The graph does not add the steering input as bundles do.</exception>
    public static void Insert(ModelProto model, HookPoint point, string steer, string site, OperatorNeeds needs, ElementType type)
    {
        GraphProto graph = model.Graph;
        NodeProto[] readers = [.. graph.Node.Where(node => node.Input.Contains(steer))];
        if (readers is not [{ OpType: "Add", Input.Count: 2, Output.Count: 1 } add])
        {
            throw new BundleException($"The steering input '{steer}' of hook point '{point}' is not added to one value, so the bundle can only add vectors there.");
        }

        EnsureConstants(graph);
        var nodes = new OperatorNodes(graph, type, steer);
        int activation = add.Input[0] == steer ? 1 : 0;
        string added = add.Input[activation];
        string result = add.Output[0];
        string? residual = result == site ? null : ResidualOf(graph, site, result, point);
        string original = residual is null ? added : nodes.Node("Add", [residual, added]);
        add.Input[activation] = nodes.EmitBefore(original, needs);
        int index = graph.Node.IndexOf(add);
        Insert(graph, index, nodes._nodes);
        index += nodes._nodes.Count + 1;
        nodes._nodes.Clear();
        if (needs.KeepsNorm || residual is not null)
        {
            add.Output[0] = nodes.Name("moved");
            string moved = needs.KeepsNorm ? nodes.EmitNormRestored(original, add.Output[0]) : add.Output[0];
            if (residual is not null)
            {
                // The operator that sums goes on doing so, and is given what makes its sum the new value.
                nodes.Node("Add", [added, nodes.Node("Sub", [moved, original])]);
            }

            nodes._nodes[^1].Output[0] = result;
            Insert(graph, index, nodes._nodes);
        }
    }

    /// <summary>The other operand of the node that sums the residual stream and what is added to it.</summary>
    private static string ResidualOf(GraphProto graph, string site, string added, HookPoint point)
    {
        NodeProto? sum = graph.Node.FirstOrDefault(node => node.Output.Contains(site));
        return sum is { Input.Count: >= 2 } && sum.Input.Take(2).Contains(added)
            ? sum.Input[0] == added ? sum.Input[1] : sum.Input[0]
            : throw new BundleException($"The value '{site}' of hook point '{point}' is neither what its steering input is added to nor a sum of that, so the bundle can only add vectors there.");
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

    private string EmitNormRestored(string activation, string moved)
    {
        string keep = Node("Cast", [Input(OperatorPorts.KeepNorm(_steer))], Attributes.Int("to", (long)ElementType.Bool));
        string norm = Node("Max", [Norm(moved), SmallestName]);
        string scale = Node("Where", [keep, Node("Div", [Norm(activation), norm]), OneName]);
        string scaled = Node("Mul", [ToSingle(moved), scale]);
        return FromSingle(scaled);
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
