using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <content>Names of values, and who reads them.</content>
public static partial class GraphEditor
{
    /// <summary>
    /// Gives a value of the graph another name everywhere: where it is made, where nodes and their bodies read it, and in the
    /// declarations of the graph.
    /// </summary>
    /// <exception cref="OnnxFormatException">The graph does not define the value, or the new name is in use in the graph or in a body.</exception>
    public static void RenameValue(GraphProto graph, string value, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var view = new GraphView(graph);
        view.RequireDefined(value);
        if (name == value)
        {
            return;
        }

        if (view.IsInUse(name))
        {
            throw new OnnxFormatException(
                $"Graph '{graph.Name}': value '{value}' cannot be renamed to '{name}', which is in use. Choose a name that the graph does not have.");
        }

        if (view.Producer(value) is { } producer)
        {
            producer.Output[producer.Output.IndexOf(value)] = name;
        }

        foreach (ValueInfoProto info in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Where(info => info.Name == value))
        {
            info.Name = name;
        }

        foreach (TensorProto tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(sparse => sparse.Values))
            .Where(tensor => tensor?.Name == value))
        {
            tensor.Name = name;
        }

        RenameInNotes(graph, value, name);
        Rewire(view.Uses(value), value, name, except: null);
    }

    /// <summary>Makes everything that reads one value read another one instead, bodies of nodes included. Graph outputs stay as they are.</summary>
    /// <param name="graph">The graph to edit.</param>
    /// <param name="value">The value that is read now.</param>
    /// <param name="replacement">What is read in its place. The graph must define it.</param>
    /// <param name="except">A node that goes on reading <paramref name="value"/>, such as the one that makes the replacement from it.</param>
    /// <remarks>When a reader stands before the maker of the replacement, the nodes are sorted as by <see cref="TopologicalSort"/>.</remarks>
    /// <returns>How many places were changed: inputs of nodes, here and in bodies, and outputs of bodies.</returns>
    /// <exception cref="OnnxFormatException">
    /// The graph does not have one of the values; or the edit would make a cycle; or a body that reads the value has an own
    /// value by the name of the replacement.
    /// </exception>
    public static int ReplaceUses(GraphProto graph, string value, string replacement, NodeProto? except = null)
    {
        var view = new GraphView(graph);
        view.Require(value);
        view.RequireDefined(replacement);
        if (value == replacement)
        {
            return 0;
        }

        RefuseCycle(view, value, replacement, except);
        foreach (ValueUse use in view.Uses(value))
        {
            if (use.IsCapture && GraphWalk.Bodies(use.Node).Any(body => Hides(body, value, replacement)))
            {
                throw new OnnxFormatException(
                    $"Graph '{graph.Name}': a body of node {GraphWalk.Describe(use.Node)} reads '{value}' and has an own value '{replacement}'. Rename one of the two first.");
            }
        }

        int made = view.Producer(replacement) is { } producer ? view.Position(producer) : -1;
        return RewireInOrder(view, value, replacement, except, made);
    }

    /// <summary>
    /// Inserts a node behind a value: the node reads the value, and its first output takes the value's place for every other
    /// reader. Graph outputs stay as they are.
    /// </summary>
    /// <param name="graph">The graph to edit.</param>
    /// <param name="value">The value to intercept. The graph must define it.</param>
    /// <param name="node">The node, which must read <paramref name="value"/>. The graph keeps this object.</param>
    /// <returns>How many places read the new value now.</returns>
    /// <remarks>
    /// The node stands right behind the last of what it reads; readers that come earlier are moved behind it. Other values that it reads must not depend on
    /// <paramref name="value"/>.
    /// </remarks>
    /// <exception cref="OnnxFormatException">
    /// The graph does not define a value that the node reads, or has a value that the node makes already; or the edit would make a cycle.
    /// </exception>
    /// <exception cref="ArgumentException">The node does not read the value, or has no output.</exception>
    public static int InsertAfter(GraphProto graph, string value, NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var view = new GraphView(graph);
        view.RequireDefined(value);
        RequireInsertable(view, value, node);

        int index = GraphWalk.Reads(node).Select(view.Producer).OfType<NodeProto>().Select(view.Position).DefaultIfEmpty(-1).Max() + 1;
        return RewireInOrder(view, value, node.Output[0], except: null, index - 1, () => graph.Node.Insert(index, node));
    }

    private static void RequireInsertable(GraphView view, string value, NodeProto node)
    {
        if (!node.Input.Contains(value))
        {
            throw new ArgumentException($"Node {GraphWalk.Describe(node)} does not read '{value}'.", nameof(node));
        }

        if (node.Output.Count == 0 || node.Output[0].Length == 0)
        {
            throw new ArgumentException($"Node {GraphWalk.Describe(node)} has no first output to take the place of '{value}'.", nameof(node));
        }

        HashSet<string> outputs = new(node.Output, StringComparer.Ordinal);
        if (node.Output.FirstOrDefault(output => output.Length > 0 && view.IsInUse(output)) is { } taken)
        {
            throw new OnnxFormatException(
                $"Graph '{view.Graph.Name}' has a value '{taken}' already. Node {GraphWalk.Describe(node)} must make values with new names.");
        }

        foreach (string read in GraphWalk.Reads(node))
        {
            if (outputs.Contains(read) || (view.RequireDefined(read) != value && view.DependsOn(read, value)))
            {
                throw Cycle(view.Graph, value, node.Output[0]);
            }
        }
    }

    // The replacement must not depend on a reader that is about to read it.
    private static void RefuseCycle(GraphView view, string value, string replacement, NodeProto? except)
    {
        var readers = new HashSet<NodeProto>(view.Consumers(value), ReferenceEqualityComparer.Instance);
        if (view.Ancestors(replacement).Any(node => !ReferenceEquals(node, except) && readers.Contains(node)))
        {
            throw Cycle(view.Graph, value, replacement);
        }
    }

    private static OnnxFormatException Cycle(GraphProto graph, string value, string replacement) => new(
        $"Graph '{graph.Name}': readers of '{value}' cannot read '{replacement}' instead, which depends on one of them. "
        + "Expected a replacement that is made without them, or by the node that is excepted.");

    // Rewires the readers of a value. When one of them stands at or before the maker of the replacement, the nodes are sorted;
    // that they can be is asked before anything changes.
    private static int RewireInOrder(GraphView view, string value, string replacement, NodeProto? except, int made, Action? insert = null)
    {
        bool isOutOfOrder = view.Uses(value).Any(use => !ReferenceEquals(use.Node, except) && view.Position(use.Node) <= made);
        if (isOutOfOrder)
        {
            Sorted(view);
        }

        int changed = Rewire(view.Uses(value), value, replacement, except);
        insert?.Invoke();
        if (isOutOfOrder)
        {
            TopologicalSort(view.Graph);
        }

        return changed;
    }

    private static int Rewire(IEnumerable<ValueUse> uses, string value, string replacement, NodeProto? except)
    {
        int changed = 0;
        foreach (ValueUse use in uses.Where(use => !ReferenceEquals(use.Node, except)))
        {
            if (use.IsCapture)
            {
                changed += GraphWalk.Bodies(use.Node).Sum(body => RewireBody(body, value, replacement));
            }
            else
            {
                use.Node.Input[use.Input] = replacement;
                changed++;
            }
        }

        return changed;
    }

    private static int RewireBody(GraphProto body, string value, string replacement)
    {
        if (GraphWalk.LocalNames(body).Contains(value))
        {
            return 0;
        }

        int changed = 0;
        foreach (NodeProto node in body.Node)
        {
            for (int input = 0; input < node.Input.Count; input++)
            {
                if (node.Input[input] == value)
                {
                    node.Input[input] = replacement;
                    changed++;
                }
            }

            changed += GraphWalk.Bodies(node).Sum(inner => RewireBody(inner, value, replacement));
        }

        foreach (ValueInfoProto output in body.Output.Where(output => output.Name == value))
        {
            output.Name = replacement;
            changed++;
        }

        return changed;
    }

    private static void RenameInNotes(GraphProto graph, string value, string name)
    {
        foreach (TensorAnnotation note in graph.QuantizationAnnotation)
        {
            if (note.TensorName == value)
            {
                note.TensorName = name;
            }

            foreach (StringStringEntryProto parameter in note.QuantParameterTensorNames.Where(parameter => parameter.Value == value))
            {
                parameter.Value = name;
            }
        }
    }

    // Whether the body, where it reads an outer value, has an own value that would hide the replacement.
    private static bool Hides(GraphProto body, string value, string replacement)
    {
        if (!GraphWalk.Captures(body).Contains(value))
        {
            return false;
        }

        return GraphWalk.LocalNames(body).Contains(replacement)
            || body.Node.SelectMany(GraphWalk.Bodies).Any(inner => Hides(inner, value, replacement));
    }
}
