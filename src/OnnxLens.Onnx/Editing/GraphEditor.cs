using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Edits of a graph in place.</summary>
/// <remarks>
/// Every method checks first and then changes: when it throws, the graph is as it was. Parts that an edit does not
/// speak of stay, unknown fields and model functions included. A <see cref="GraphView"/> made before an edit is stale after it.
/// </remarks>
public static partial class GraphEditor
{
    /// <summary>
    /// Rewrites where external data lies: of initializers and of tensors in node attributes, also in the bodies of
    /// If, Loop and Scan and in model functions.
    /// </summary>
    /// <param name="model">The model to edit.</param>
    /// <param name="map">From the location in the file to the new one. Called once per different location.</param>
    /// <returns>How many tensors point to external data.</returns>
    /// <exception cref="OnnxFormatException">A tensor with external data does not say in which file.</exception>
    /// <exception cref="ArgumentException">The map gave null or an empty location.</exception>
    public static int MapExternalFiles(ModelProto model, Func<string, string> map)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(map);
        var mapped = new Dictionary<string, string>(StringComparer.Ordinal);
        List<StringStringEntryProto> entries = [.. ModelTensors.External(model).Select(ModelTensors.LocationEntry)];
        foreach (StringStringEntryProto entry in entries)
        {
            if (!mapped.ContainsKey(entry.Value))
            {
                string location = map(entry.Value);
                mapped[entry.Value] = string.IsNullOrEmpty(location)
                    ? throw new ArgumentException($"The map gave no location for '{entry.Value}'.", nameof(map))
                    : location;
            }
        }

        foreach (StringStringEntryProto entry in entries)
        {
            entry.Value = mapped[entry.Value];
        }

        return entries.Count;
    }

    /// <summary>
    /// Puts the nodes of a graph in an order in which every value is made before it is read. A graph in such an order
    /// stays as it is; otherwise nodes move no more than needed.
    /// </summary>
    /// <remarks>Bodies of nodes are not sorted. Values that the graph does not define count as given.</remarks>
    /// <exception cref="OnnxFormatException">The nodes form a cycle, or the graph defines a value twice.</exception>
    public static void TopologicalSort(GraphProto graph) => Replace(graph.Node, Sorted(new GraphView(graph)));

    private static List<NodeProto> Sorted(GraphView view)
    {
        GraphProto graph = view.Graph;
        int[] missing = new int[graph.Node.Count];
        var ready = new PriorityQueue<int, int>();
        for (int index = 0; index < missing.Length; index++)
        {
            missing[index] = view.Reads(graph.Node[index]).Count(value => view.Producer(value) is not null);
            if (missing[index] == 0)
            {
                ready.Enqueue(index, index);
            }
        }

        var sorted = new List<NodeProto>(graph.Node.Count);
        while (ready.TryDequeue(out int index, out _))
        {
            NodeProto node = graph.Node[index];
            sorted.Add(node);
            foreach (ValueUse use in node.Output.Where(output => output.Length > 0).SelectMany(view.Uses))
            {
                int reader = view.Position(use.Node);
                if (--missing[reader] == 0)
                {
                    ready.Enqueue(reader, reader);
                }
            }
        }

        if (sorted.Count < graph.Node.Count)
        {
            NodeProto stuck = graph.Node[Array.FindIndex(missing, count => count > 0)];
            throw new OnnxFormatException(
                $"Graph '{graph.Name}': node {GraphWalk.Describe(stuck)} is part of a cycle or depends on one. A graph must not have cycles: export the model again.");
        }

        return sorted;
    }

    private static void Replace<T>(Google.Protobuf.Collections.RepeatedField<T> field, List<T> items)
    {
        field.Clear();
        field.AddRange(items);
    }
}
