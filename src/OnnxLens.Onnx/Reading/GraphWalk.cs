using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Walks the parts of a model that sit inside one another: bodies of If, Loop and Scan, and their tensors.</summary>
internal static class GraphWalk
{
    /// <summary>The graphs that a node carries as attributes, in attribute order.</summary>
    internal static IEnumerable<GraphProto> Bodies(NodeProto node)
    {
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.G is not null)
            {
                yield return attribute.G;
            }

            foreach (GraphProto body in attribute.Graphs)
            {
                yield return body;
            }
        }
    }

    /// <summary>Whether a node carries graphs. Most do not, and need no walk.</summary>
    internal static bool HasBodies(NodeProto node)
    {
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.G is not null || attribute.Graphs.Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Every name that a graph defines itself: inputs, initializers and node outputs.</summary>
    internal static HashSet<string> LocalNames(GraphProto graph)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        names.UnionWith(graph.Input.Select(input => input.Name));
        names.UnionWith(graph.Initializer.Select(initializer => initializer.Name));
        names.UnionWith(graph.SparseInitializer.Select(SparseName));
        names.UnionWith(graph.Node.SelectMany(node => node.Output));
        names.Remove(string.Empty);
        return names;
    }

    /// <summary>The name of a sparse initializer: that of its values. Empty when it has none.</summary>
    internal static string SparseName(SparseTensorProto sparse) => sparse.Values?.Name ?? string.Empty;

    /// <summary>
    /// The names of the enclosing graphs that a body reads, in the order of their first use, each once.
    /// A name that the body defines itself hides the outer one.
    /// </summary>
    internal static IReadOnlyList<string> Captures(GraphProto body)
    {
        HashSet<string> hidden = LocalNames(body);
        hidden.Add(string.Empty);
        var captures = new List<string>();
        foreach (NodeProto node in body.Node)
        {
            captures.AddRange(node.Input.Where(hidden.Add));
            foreach (GraphProto inner in Bodies(node))
            {
                captures.AddRange(Captures(inner).Where(hidden.Add));
            }
        }

        captures.AddRange(body.Output.Select(output => output.Name).Where(hidden.Add));
        return captures;
    }

    /// <summary>What a node reads from the graph it stands in: its inputs, then what its bodies capture. Empty names are left out.</summary>
    internal static IEnumerable<string> Reads(NodeProto node) =>
        node.Input.Where(input => input.Length > 0).Concat(Bodies(node).SelectMany(Captures));

    /// <summary>Whether the graph or a body in it, at any depth, defines or reads the name.</summary>
    internal static bool Mentions(GraphProto graph, string name) =>
        LocalNames(graph).Contains(name)
        || graph.Output.Any(output => output.Name == name)
        || graph.Node.Any(node => node.Input.Contains(name) || Bodies(node).Any(body => Mentions(body, name)));

    /// <summary>A node's name in messages: its own, or its operator and first output when it has none.</summary>
    internal static string Describe(NodeProto node) =>
        node.Name.Length > 0
            ? $"'{node.Name}' ({node.OpType})"
            : $"{node.OpType} of '{node.Output.FirstOrDefault(output => output.Length > 0)}'";
}
