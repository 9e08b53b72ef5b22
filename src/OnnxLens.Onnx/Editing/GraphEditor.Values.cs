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

        if (IsInUse(graph, name))
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
        RewireAll(graph.Node, value, name, except: null);
    }

    /// <summary>Makes everything that reads one value read another one instead, bodies of nodes included. Graph outputs stay as they are.</summary>
    /// <param name="graph">The graph to edit.</param>
    /// <param name="value">The value that is read now.</param>
    /// <param name="replacement">What is read in its place. The graph must define it.</param>
    /// <param name="except">A node that goes on reading <paramref name="value"/>, such as the one that makes the replacement from it.</param>
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

        Sorted(view);
        RefuseCycle(view, value, replacement, except);
        foreach (ValueUse use in view.Uses(value))
        {
            if (use.IsCapture && GraphWalk.Bodies(use.Node).Any(body => Hides(body, value, replacement)))
            {
                throw new OnnxFormatException(
                    $"Graph '{graph.Name}': a body of node {GraphWalk.Describe(use.Node)} reads '{value}' and has an own value '{replacement}'. Rename one of the two first.");
            }
        }

        int changed = RewireAll(graph.Node, value, replacement, except);
        TopologicalSort(graph);
        return changed;
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
    /// The node stands after everything that it reads and before its readers. Other values that it reads must not depend on
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
        Sorted(view);
        RequireInsertable(view, value, node);

        int index = GraphWalk.Reads(node).Select(view.Producer).OfType<NodeProto>().Select(view.Position).DefaultIfEmpty(-1).Max() + 1;
        graph.Node.Insert(index, node);
        int changed = RewireAll(graph.Node, value, node.Output[0], node);
        TopologicalSort(graph);
        return changed;
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
        if (node.Output.FirstOrDefault(output => output.Length > 0 && IsInUse(view.Graph, output)) is { } taken)
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

    private static int RewireAll(IEnumerable<NodeProto> nodes, string value, string replacement, NodeProto? except)
    {
        int changed = 0;
        foreach (NodeProto node in nodes)
        {
            if (ReferenceEquals(node, except))
            {
                continue;
            }

            for (int input = 0; input < node.Input.Count; input++)
            {
                if (node.Input[input] == value)
                {
                    node.Input[input] = replacement;
                    changed++;
                }
            }

            foreach (GraphProto body in GraphWalk.Bodies(node).Where(body => !GraphWalk.LocalNames(body).Contains(value)))
            {
                changed += RewireAll(body.Node, value, replacement, except);
                foreach (ValueInfoProto output in body.Output.Where(output => output.Name == value))
                {
                    output.Name = replacement;
                    changed++;
                }
            }
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

    // Whether the graph or a body at any depth defines or reads the name.
    private static bool IsInUse(GraphProto graph, string name) =>
        GraphWalk.LocalNames(graph).Contains(name)
        || graph.Output.Any(output => output.Name == name)
        || graph.Node.Any(node => node.Input.Contains(name) || GraphWalk.Bodies(node).Any(body => IsInUse(body, name)));

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
