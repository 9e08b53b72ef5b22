using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Rewrites a graph without changing what it computes, as tracers and optimisers do.</summary>
internal static class GraphRewriter
{
    private static readonly HashSet<string> Commutative = ["Add", "Mul", "And"];

    /// <summary>Turns operands of half the commutative nodes around, puts copies on some edges and behind some values, and takes the nodes' names.</summary>
    public static void Rewrite(ModelProto model, int seed)
    {
        var random = new Random(seed);
        GraphProto graph = model.Graph;
        foreach (NodeProto node in graph.Node.ToArray())
        {
            node.Name = "";
            if (Commutative.Contains(node.OpType) && random.Next(2) == 0)
            {
                (node.Input[0], node.Input[1]) = (node.Input[1], node.Input[0]);
            }

            int input = random.Next(Math.Max(1, node.Input.Count));
            if (random.Next(5) == 0 && node.Input.Count > 0 && node.Input[input].Length > 0)
            {
                node.Input[input] = Copy(graph, graph.Node.IndexOf(node), node.Input[input]);
            }

            if (random.Next(8) == 0)
            {
                string value = node.Output[0];
                NodeProto[] readers = [.. graph.Node.Where(other => other.Input.Contains(value))];
                string copy = Copy(graph, graph.Node.IndexOf(node) + 1, value);
                foreach (NodeProto reader in readers)
                {
                    for (int i = 0; i < reader.Input.Count; i++)
                    {
                        reader.Input[i] = reader.Input[i] == value ? copy : reader.Input[i];
                    }
                }
            }
        }
    }

    private static string Copy(GraphProto graph, int place, string value)
    {
        var node = new NodeProto { OpType = "Identity" };
        node.Input.Add(value);
        node.Output.Add($"{value}/copy{graph.Node.Count}");
        graph.Node.Insert(place, node);
        return node.Output[0];
    }
}
