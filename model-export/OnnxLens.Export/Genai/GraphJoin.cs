using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Genai;

/// <summary>Puts graphs of one model one behind the other into one graph.</summary>
internal static class GraphJoin
{
    /// <summary>
    /// Appends a graph. Its inputs that are values of the first graph are connected by name; other inputs, and weights, that both have are one.
    /// Every value keeps its name, but for a weight of the appended graph that differs from the first graph's of that name: a tied matrix, quantised, is
    /// the same bytes in two shapes. The outputs are those of the first graph and then those of the appended one.
    /// </summary>
    /// <param name="model">The first graph, edited.</param>
    /// <param name="next">The graph to append. Must not be used afterwards.</param>
    /// <exception cref="BundleException">The two graphs use a name for different things, other operator sets, or functions.</exception>
    public static void Append(ModelProto model, ModelProto next)
    {
        GraphProto graph = model.Graph;
        Unite(model.OpsetImport, next.OpsetImport, set => set.Domain, "operator set", graph, next.Graph);
        Unite(model.Functions, next.Functions, function => function.Domain + ":" + function.Name, "function", graph, next.Graph);
        var made = graph.Node.SelectMany(node => node.Output).ToHashSet(StringComparer.Ordinal);
        ValueInfoProto[] open = [.. next.Graph.Input.Where(input => !made.Contains(input.Name))];
        Unite(graph.Input, open, input => input.Name, "input", graph, next.Graph);
        RenameOtherWeights(graph, next.Graph);
        Unite(graph.Initializer, next.Graph.Initializer, tensor => tensor.Name, "initializer", graph, next.Graph);
        foreach (NodeProto node in next.Graph.Node)
        {
            if (node.Output.FirstOrDefault(output => output.Length > 0 && !made.Add(output)) is { } twice) throw Conflict("value", twice, graph, next.Graph);
        }

        graph.Node.AddRange(next.Graph.Node);
        graph.ValueInfo.AddRange(next.Graph.ValueInfo);
        graph.Output.AddRange(next.Graph.Output);
    }

    /// <summary>Gives weights of the appended graph new names where the first one has another by theirs. Defaults of inputs keep theirs: an input is fed by its name.</summary>
    private static void RenameOtherWeights(GraphProto graph, GraphProto next)
    {
        var known = graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var fed = graph.Input.Concat(next.Input).Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        (GraphView first, GraphView second) = (new GraphView(graph), new GraphView(next));
        foreach (TensorProto tensor in next.Initializer.Where(tensor => !fed.Contains(tensor.Name) && known.TryGetValue(tensor.Name, out TensorProto? other) && !other.Equals(tensor)).ToArray())
        {
            string free = Enumerable.Range(2, int.MaxValue - 2).Select(number => $"{tensor.Name}.{number}").First(name => !first.Defines(name) && !second.Defines(name));
            GraphEditor.RenameValue(next, tensor.Name, free);
        }
    }

    /// <summary>Adds what is not there yet; what is there by its name must be the same.</summary>
    private static void Unite<T>(ICollection<T> known, IEnumerable<T> added, Func<T, string> name, string kind, GraphProto graph, GraphProto next)
        where T : IEquatable<T>
    {
        var byName = known.ToDictionary(name, StringComparer.Ordinal);
        foreach (T item in added)
        {
            if (byName.TryAdd(name(item), item)) known.Add(item);
            else if (!byName[name(item)].Equals(item)) throw Conflict(kind, name(item), graph, next);
        }
    }

    private static BundleException Conflict(string kind, string name, GraphProto graph, GraphProto next) => new(
        $"The graphs '{graph.Name}' and '{next.Name}' cannot be put into one: both have the {kind} '{name}', and not the same one. Export the checkpoint again, with '--shards' for one file per shard.");
}
