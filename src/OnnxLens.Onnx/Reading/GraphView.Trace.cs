using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <content>What depends on what.</content>
public sealed partial class GraphView
{
    private readonly Dictionary<string, bool> _constants = new(StringComparer.Ordinal);

    /// <summary>The nodes that the value depends on, its producer among them, in graph order.</summary>
    /// <exception cref="OnnxFormatException">The graph neither defines nor reads the value.</exception>
    public IReadOnlyList<NodeProto> Ancestors(string value) => Ancestors([value]);

    /// <summary>The nodes that any of the values depends on, in graph order.</summary>
    /// <param name="values">Where to start.</param>
    /// <param name="stops">Values to treat as given: their producers are not followed. None when null.</param>
    /// <exception cref="OnnxFormatException">The graph neither defines nor reads one of the values.</exception>
    public IReadOnlyList<NodeProto> Ancestors(IEnumerable<string> values, IReadOnlySet<string>? stops = null)
    {
        ArgumentNullException.ThrowIfNull(values);
        var found = new bool[Graph.Node.Count];
        var pending = new Stack<string>(values.Select(Require));
        while (pending.TryPop(out string? value))
        {
            if (stops?.Contains(value) != true && _producers.TryGetValue(value, out int index) && !found[index])
            {
                found[index] = true;
                PushAll(pending, _reads[index]);
            }
        }

        return InOrder(found);
    }

    /// <summary>The nodes that depend on the value, its readers among them, in graph order.</summary>
    /// <exception cref="OnnxFormatException">The graph neither defines nor reads the value.</exception>
    public IReadOnlyList<NodeProto> Descendants(string value)
    {
        var found = new bool[Graph.Node.Count];
        var pending = new Stack<string>([Require(value)]);
        while (pending.TryPop(out string? current))
        {
            foreach (ValueUse use in Uses(current))
            {
                int index = _positions[use.Node];
                if (!found[index])
                {
                    found[index] = true;
                    PushAll(pending, use.Node.Output);
                }
            }
        }

        return InOrder(found);
    }

    /// <summary>The nodes on the ways from one value to another: those that depend on the first and lead to the second.</summary>
    /// <exception cref="OnnxFormatException">The graph neither defines nor reads one of the values.</exception>
    public IReadOnlyList<NodeProto> Between(string from, string to)
    {
        var after = new HashSet<NodeProto>(Descendants(from), ReferenceEqualityComparer.Instance);
        return [.. Ancestors(to).Where(after.Contains)];
    }

    /// <summary>Whether a value depends on another one. A value does not depend on itself.</summary>
    /// <exception cref="OnnxFormatException">The graph neither defines nor reads one of the values.</exception>
    public bool DependsOn(string value, string other)
    {
        Require(other);
        var seen = new bool[Graph.Node.Count];
        var pending = new Stack<string>([Require(value)]);
        while (pending.TryPop(out string? current))
        {
            if (!_producers.TryGetValue(current, out int index) || seen[index])
            {
                continue;
            }

            seen[index] = true;
            if (Array.IndexOf(_reads[index], other) >= 0)
            {
                return true;
            }

            PushAll(pending, _reads[index]);
        }

        return false;
    }

    /// <summary>Goes back from a value over the first inputs of nodes of the given operators, and returns the first value that is made otherwise.</summary>
    /// <param name="value">Where to start.</param>
    /// <param name="opTypes">Operators to look through, for example <c>Cast</c> and <c>Identity</c>.</param>
    /// <exception cref="OnnxFormatException">The graph neither defines nor reads the value, or the way back is a cycle.</exception>
    public string LookThrough(string value, params ReadOnlySpan<string> opTypes)
    {
        string current = Require(value);
        for (int steps = 0; steps <= Graph.Node.Count; steps++)
        {
            NodeProto? producer = Producer(current);
            if (producer is null || !opTypes.Contains(producer.OpType) || producer.Input.Count == 0 || producer.Input[0].Length == 0)
            {
                return current;
            }

            current = producer.Input[0];
        }

        throw new OnnxFormatException($"Graph '{Graph.Name}': value '{value}' depends on itself. A graph must not have cycles: export the model again.");
    }

    /// <summary>
    /// Whether a value is the same in every run: an initializer that is no input, or made from nothing but such values
    /// (<c>Transpose(W)</c>, <c>DequantizeLinear(W, s)</c>, <c>Constant</c>).
    /// </summary>
    /// <remarks>
    /// An initializer that is also an input is a default that a caller can replace, so it is not constant. The outputs of
    /// random operators (<c>RandomNormal</c>, <c>Bernoulli</c>, …) and values of enclosing graphs are not constant either.
    /// </remarks>
    /// <exception cref="OnnxFormatException">The graph neither defines nor reads the value.</exception>
    public bool IsConstant(string value)
    {
        var pending = new Stack<string>([Require(value)]);
        while (pending.TryPeek(out string? current))
        {
            if (_constants.TryGetValue(current, out _))
            {
                pending.Pop();
            }
            else if (!_producers.TryGetValue(current, out int index))
            {
                _constants[current] = IsInitializer(current) && !_inputs.Contains(current);
            }
            else if (_reads[index].FirstOrDefault(read => !_constants.ContainsKey(read)) is not { } open)
            {
                _constants[current] = !IsRandom(Graph.Node[index]) && _reads[index].All(read => _constants[read]);
            }
            else if (pending.Count > Graph.Node.Count + 1)
            {
                throw new OnnxFormatException($"Graph '{Graph.Name}': value '{value}' depends on itself. A graph must not have cycles: export the model again.");
            }
            else
            {
                pending.Push(open);
            }
        }

        return _constants[value];
    }

    /// <summary>Whether the graph or a body at any depth defines or reads the name.</summary>
    internal bool IsInUse(string name) =>
        Defines(name) || _uses.ContainsKey(name) || _outputs.Contains(name)
        || Graph.Node.Any(node => GraphWalk.HasBodies(node) && GraphWalk.Bodies(node).Any(body => GraphWalk.Mentions(body, name)));

    /// <summary>Returns the name when the graph defines or reads the value.</summary>
    internal string Require(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Defines(value) || _uses.ContainsKey(value) ? value : throw Unknown(value);
    }

    /// <summary>Returns the name when the graph itself defines the value.</summary>
    internal string RequireDefined(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Defines(value) ? value : throw Unknown(value);
    }

    private static bool IsRandom(NodeProto node) =>
        node.OpType is "Bernoulli" or "Multinomial" || node.OpType.StartsWith("Random", StringComparison.Ordinal);

    private static void PushAll(Stack<string> pending, IEnumerable<string> values)
    {
        foreach (string value in values)
        {
            if (value.Length > 0)
            {
                pending.Push(value);
            }
        }
    }

    private OnnxFormatException Unknown(string value) => new(
        $"Graph '{Graph.Name}' has no value '{value}'. Expected the name of an input, an initializer or a node output: "
        + "check the spelling, or list the values with a text dump of the graph.");

    private List<NodeProto> InOrder(bool[] found)
    {
        var nodes = new List<NodeProto>();
        for (int index = 0; index < found.Length; index++)
        {
            if (found[index])
            {
                nodes.Add(Graph.Node[index]);
            }
        }

        return nodes;
    }
}
