using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <content>Which values a graph gives, and what it needs for them.</content>
public static partial class GraphEditor
{
    /// <summary>
    /// Makes the graph give exactly the named values, in that order, and removes what no longer contributes to them.
    /// </summary>
    /// <remarks>
    /// <para>An output gets the declaration the graph has for the value: that of an output, of an input, of value_info or of the
    /// initializer. When there is none, the output is only a name, and the runtime works out its type.</para>
    /// <para>Removed are: nodes none of whose outputs is needed; initializers that nothing needs; inputs that nothing needs,
    /// together with their default values, so a caller must no longer feed them; value_info and quantisation notes of
    /// values that are gone. A node that is kept keeps all its outputs, read or not. Values that the bodies of If, Loop and
    /// Scan read are needed when their node is. Bodies are not pruned, and model functions are kept.</para>
    /// <para>The nodes are in topological order afterwards, as by <see cref="TopologicalSort"/>: some exporters do not keep it.</para>
    /// <para>A former output that is still made inside the graph keeps its type as value_info.</para>
    /// </remarks>
    /// <param name="model">The model to edit.</param>
    /// <param name="values">Names of node outputs, inputs or initializers of the main graph; at least one, each once.</param>
    /// <exception cref="OnnxFormatException">The graph has no such value, or defines a value twice, or has a cycle; or the model has no graph.</exception>
    /// <exception cref="ArgumentException">No value is given, or one is given twice.</exception>
    public static void SetOutputs(ModelProto model, IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(values);
        RequireDistinct(values);
        GraphProto graph = model.Graph
            ?? throw new OnnxFormatException("The model has no graph. Expected a model file with a graph: export the model again.");
        var view = new GraphView(graph);
        List<ValueInfoProto> outputs = [.. values.Select(value => OutputInfo(view, value))];
        var live = new LiveParts(view, values);

        List<ValueInfoProto> infos = [.. graph.ValueInfo
            .Concat(graph.Output.Where(output => output.Type is not null && !view.IsInput(output.Name)))
            .Where(info => live.IsMade(info.Name))
            .ExceptBy(values, info => info.Name, StringComparer.Ordinal)];
        List<NodeProto> nodes = [.. Sorted(view).Where(node => live.HasNode(view.Position(node)))];
        Replace(graph.Node, nodes);
        Replace(graph.Initializer, [.. graph.Initializer.Where(tensor => live.IsNeeded(tensor.Name))]);
        Replace(graph.SparseInitializer, [.. graph.SparseInitializer.Where(sparse => live.IsNeeded(GraphWalk.SparseName(sparse)))]);
        Replace(graph.Input, [.. graph.Input.Where(input => live.IsNeeded(input.Name))]);
        Replace(graph.QuantizationAnnotation, [.. graph.QuantizationAnnotation.Where(note => live.IsNeeded(note.TensorName))]);
        Replace(graph.ValueInfo, infos);
        Replace(graph.Output, outputs);
    }

    private static void RequireDistinct(IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("At least one output is needed.", nameof(values));
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (values.FirstOrDefault(value => !seen.Add(value)) is { } twice)
        {
            throw new ArgumentException($"Output '{twice}' is given twice.", nameof(values));
        }
    }

    private static ValueInfoProto OutputInfo(GraphView view, string value)
    {
        ValueInfoProto info = view.InfoOf(view.RequireDefined(value))?.Clone() ?? new ValueInfoProto { Name = value };
        if (info.Type is null && view.TypeOf(value) is { } type)
        {
            info.Type = type;
        }

        return info;
    }

    // What the wanted values depend on.
    private sealed class LiveParts
    {
        private readonly GraphView _view;
        private readonly HashSet<string> _needed = new(StringComparer.Ordinal);
        private readonly HashSet<string> _made = new(StringComparer.Ordinal);
        private readonly bool[] _nodes;
        private readonly Stack<string> _pending = new();

        public LiveParts(GraphView view, IEnumerable<string> values)
        {
            _view = view;
            _nodes = new bool[view.Graph.Node.Count];
            ILookup<string, string> notes = view.Graph.QuantizationAnnotation
                .SelectMany(note => note.QuantParameterTensorNames, (note, parameter) => (note.TensorName, parameter.Value))
                .ToLookup(pair => pair.TensorName, pair => pair.Value, StringComparer.Ordinal);
            AddAll(values);
            while (_pending.TryPop(out string? value))
            {
                AddAll(notes[value]);
                AddProducer(value);
            }
        }

        public bool HasNode(int index) => _nodes[index];

        public bool IsNeeded(string value) => _needed.Contains(value);

        // Needed, or an unread output of a node that is kept.
        public bool IsMade(string value) => _needed.Contains(value) || _made.Contains(value);

        private void AddAll(IEnumerable<string> values)
        {
            foreach (string value in values)
            {
                if (_needed.Add(value))
                {
                    _pending.Push(value);
                }
            }
        }

        private void AddProducer(string value)
        {
            if (_view.Producer(value) is { } node && !_nodes[_view.Position(node)])
            {
                _nodes[_view.Position(node)] = true;
                _made.UnionWith(node.Output);
                AddAll(_view.Reads(node));
            }
        }
    }
}
