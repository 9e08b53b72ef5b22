using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>
/// An index over a graph: who makes a value, who reads it, what type it has, and what depends on what.
/// </summary>
/// <remarks>
/// A view is a snapshot: after an edit of the graph, make a new one. Building it takes time in proportion to the graph.
/// A value that the body of a node (If, Loop, Scan) reads from this graph counts as read by that node. Lists of nodes
/// are in the order of the graph; two nodes are the same only when they are the same object.
/// </remarks>
public sealed partial class GraphView
{
    private readonly Dictionary<string, int> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ValueUse>> _uses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ValueInfoProto> _infos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _initializers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _sparseInitializers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeProto, int> _positions = new(ReferenceEqualityComparer.Instance);
    private readonly string[][] _reads;

    /// <summary>Indexes a graph.</summary>
    /// <param name="graph">The graph. Borrowed: the view refers to its nodes.</param>
    /// <exception cref="OnnxFormatException">A value is defined twice, or an input, output or initializer has no name.</exception>
    public GraphView(GraphProto graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph = graph;
        _reads = new string[graph.Node.Count][];
        _producers.EnsureCapacity(graph.Node.Count);
        _positions.EnsureCapacity(graph.Node.Count);
        IndexInterface();
        for (int index = 0; index < graph.Node.Count; index++)
        {
            IndexNode(graph.Node[index], index);
        }
    }

    /// <summary>The graph that is indexed.</summary>
    public GraphProto Graph { get; }

    /// <summary>Whether the graph defines the value: as an input, an initializer or the output of a node.</summary>
    public bool Defines(string value) =>
        _producers.ContainsKey(value) || _inputs.Contains(value) || IsInitializer(value);

    /// <summary>Whether the value is a graph input (it may have an initializer as its default as well).</summary>
    public bool IsInput(string value) => _inputs.Contains(value);

    /// <summary>Whether the value is a graph output.</summary>
    public bool IsOutput(string value) => _outputs.Contains(value);

    /// <summary>Whether the value is an initializer, dense or sparse.</summary>
    public bool IsInitializer(string value) => _initializers.ContainsKey(value) || _sparseInitializers.Contains(value);

    /// <summary>The dense initializer of that name, or null.</summary>
    public TensorProto? Initializer(string value) => _initializers.GetValueOrDefault(value);

    /// <summary>The node that makes the value, or null for inputs, initializers and values of enclosing graphs.</summary>
    public NodeProto? Producer(string value) =>
        _producers.TryGetValue(value, out int index) ? Graph.Node[index] : null;

    /// <summary>Every place where a node reads the value, in graph order. Graph outputs do not count.</summary>
    public IReadOnlyList<ValueUse> Uses(string value) => _uses.TryGetValue(value, out List<ValueUse>? uses) ? uses : [];

    /// <summary>The nodes that read the value, in graph order, each once.</summary>
    public IReadOnlyList<NodeProto> Consumers(string value)
    {
        var consumers = new List<NodeProto>();
        foreach (ValueUse use in Uses(value))
        {
            if (consumers.Count == 0 || !ReferenceEquals(consumers[^1], use.Node))
            {
                consumers.Add(use.Node);
            }
        }

        return consumers;
    }

    /// <summary>What a node reads: its inputs without the empty ones, then what its bodies capture.</summary>
    /// <exception cref="ArgumentException">The node is not in this graph.</exception>
    public IReadOnlyList<string> Reads(NodeProto node) => _reads[Position(node)];

    /// <summary>The index of a node in the graph.</summary>
    /// <exception cref="ArgumentException">The node is not in this graph.</exception>
    public int Position(NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return _positions.TryGetValue(node, out int index)
            ? index
            : throw new ArgumentException($"Node {GraphWalk.Describe(node)} is not in graph '{Graph.Name}'.", nameof(node));
    }

    /// <summary>The declared type of a value, from inputs, outputs, value_info or the initializer. Null when the graph does not say.</summary>
    public TypeProto? TypeOf(string value)
    {
        if (_infos.TryGetValue(value, out ValueInfoProto? info) && info.Type is not null)
        {
            return info.Type;
        }

        return _initializers.TryGetValue(value, out TensorProto? tensor) ? TypeOf(tensor) : null;
    }

    /// <summary>The element type of a dense tensor value, or <see cref="ElementType.Undefined"/> when the graph does not say.</summary>
    public ElementType ElementTypeOf(string value) => (ElementType)(TypeOf(value)?.TensorType?.ElemType ?? 0);

    /// <summary>The full declaration of a value, or null when it is only a name.</summary>
    internal ValueInfoProto? InfoOf(string value) => _infos.GetValueOrDefault(value);

    private static TypeProto TypeOf(TensorProto tensor)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(tensor.Dims.Select(dim => new TensorShapeProto.Types.Dimension { DimValue = dim }));
        return new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } };
    }

    private void IndexInterface()
    {
        foreach (ValueInfoProto input in Graph.Input)
        {
            AddOnce(_inputs, input.Name, "input");
            KeepInfo(input);
        }

        foreach (TensorProto tensor in Graph.Initializer)
        {
            if (tensor.Name.Length == 0 || !_initializers.TryAdd(tensor.Name, tensor))
            {
                throw Refused("initializer", tensor.Name);
            }
        }

        foreach (SparseTensorProto sparse in Graph.SparseInitializer)
        {
            AddOnce(_sparseInitializers, GraphWalk.SparseName(sparse), "sparse initializer");
            if (_initializers.ContainsKey(GraphWalk.SparseName(sparse)))
            {
                throw Refused("sparse initializer", GraphWalk.SparseName(sparse));
            }
        }

        foreach (ValueInfoProto output in Graph.Output)
        {
            AddOnce(_outputs, output.Name, "output");
            KeepInfo(output);
        }

        foreach (ValueInfoProto info in Graph.ValueInfo)
        {
            KeepInfo(info);
        }
    }

    // The first declaration that has a type wins: an output without one is described by its value_info.
    private void KeepInfo(ValueInfoProto info)
    {
        if (!_infos.TryGetValue(info.Name, out ValueInfoProto? known) || (known.Type is null && info.Type is not null))
        {
            _infos[info.Name] = info;
        }
    }

    private void IndexNode(NodeProto node, int index)
    {
        _positions[node] = index;
        for (int input = 0; input < node.Input.Count; input++)
        {
            AddUse(node.Input[input], new ValueUse(node, input));
        }

        string[] captures = GraphWalk.HasBodies(node)
            ? [.. GraphWalk.Bodies(node).SelectMany(GraphWalk.Captures).Distinct(StringComparer.Ordinal)]
            : [];
        foreach (string capture in captures)
        {
            AddUse(capture, new ValueUse(node, -1));
        }

        _reads[index] = [.. node.Input.Where(input => input.Length > 0), .. captures];
        foreach (string output in node.Output)
        {
            if (output.Length > 0 && (_inputs.Contains(output) || IsInitializer(output) || !_producers.TryAdd(output, index)))
            {
                throw new OnnxFormatException(
                    $"Graph '{Graph.Name}': node {GraphWalk.Describe(node)} makes value '{output}', which the graph already has. "
                    + "Every value must be made in one place: rename one of them.");
            }
        }
    }

    private void AddUse(string value, ValueUse use)
    {
        if (value.Length == 0)
        {
            return;
        }

        if (!_uses.TryGetValue(value, out List<ValueUse>? uses))
        {
            _uses[value] = uses = new List<ValueUse>(1);
        }

        uses.Add(use);
    }

    private void AddOnce(HashSet<string> names, string name, string kind)
    {
        if (name.Length == 0 || !names.Add(name))
        {
            throw Refused(kind, name);
        }
    }

    private OnnxFormatException Refused(string kind, string name) => new(name.Length == 0
        ? $"Graph '{Graph.Name}': there is an entry without a name (kind: {kind}). Every value needs a name: export the model again."
        : $"Graph '{Graph.Name}': {kind} '{name}' is there twice. Every value must be defined once: remove or rename one of them.");
}
