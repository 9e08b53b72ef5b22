using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Finding;

/// <summary>Nodes that sum two values and norm the sum: as an exporter writes them, and taken apart.</summary>
internal static class SkipNorms
{
    /// <summary>The output that holds the sum.</summary>
    private const int SumOutput = 3;

    private const int SimplifiedBias = 3;
    private const int LayerNormBias = 4;

    /// <summary>True for such a node.</summary>
    public static bool Is(NodeProto node) => node.OpType is "SkipSimplifiedLayerNormalization" or "SkipLayerNormalization";

    /// <summary>
    /// Gives every sum a name, and adds a bias that such a node adds as well before it, to what it adds. The first changes nothing of what
    /// the graph computes, the second the order of two additions.
    /// </summary>
    public static void Expose(GraphProto graph)
    {
        HashSet<string> names = [.. graph.Node.SelectMany(node => node.Output)];
        var flow = new DataFlow(new GraphView(graph));
        NodeProto[] nodes = [.. graph.Node.Where(Is)];
        int[] contributions = [.. nodes.Select(node => ComesOf(flow, node.Input[0], node.Input[1]) ? 0 : 1)];
        for (int i = 0; i < nodes.Length; i++)
        {
            NodeProto node = nodes[i];
            while (node.Output.Count <= SumOutput)
            {
                node.Output.Add("");
            }

            if (node.Output[SumOutput].Length == 0)
            {
                node.Output[SumOutput] = Unused(names, $"onnxlens/sum.{i}");
            }

            int bias = BiasInput(node);
            if (node.Input.Count > bias && node.Input[bias].Length > 0)
            {
                int added = contributions[i];
                var add = new NodeProto { OpType = "Add", Name = $"onnxlens/sum.{i}/bias" };
                add.Input.AddRange([node.Input[added], node.Input[bias]]);
                add.Output.Add(Unused(names, $"onnxlens/sum.{i}/biased"));
                graph.Node.Insert(graph.Node.IndexOf(node), add);
                node.Input[added] = add.Output[0];
                node.Input.RemoveAt(bias);
            }
        }
    }

    /// <summary>A copy of a model in which every such node is a sum and a norm, its values by the same names.</summary>
    /// <param name="model">A model whose sums have names.</param>
    public static ModelProto TakenApart(ModelProto model)
    {
        ModelProto copy = model.Clone();
        NodeProto[] nodes = [.. copy.Graph.Node];
        copy.Graph.Node.Clear();
        foreach (NodeProto node in nodes)
        {
            if (!Is(node))
            {
                copy.Graph.Node.Add(node);
                continue;
            }

            var add = new NodeProto { OpType = "Add", Name = Part(node, "Add") };
            add.Input.AddRange([node.Input[0], node.Input[1]]);
            add.Output.Add(node.Output[SumOutput]);
            copy.Graph.Node.Add(add);
            copy.Graph.Node.Add(NormOf(node));
        }

        return copy;
    }

    /// <summary>Whether a value is made of another, or of the same node's norm of it.</summary>
    private static bool ComesOf(DataFlow flow, string value, string other) =>
        flow.View.Producer(flow.Behind(other)) is NodeProto maker ? flow.Ancestors(value).Contains(maker) : flow.DependsOn(value, flow.Behind(other));

    /// <summary>The norm alone.</summary>
    private static NodeProto NormOf(NodeProto node)
    {
        bool simplified = node.OpType == "SkipSimplifiedLayerNormalization";
        var norm = new NodeProto { OpType = simplified ? "SimplifiedLayerNormalization" : "LayerNormalization", Name = Part(node, "Norm") };
        norm.Input.Add(node.Output[SumOutput]);
        norm.Input.AddRange(node.Input.Skip(2).Take(simplified ? 1 : 2));
        norm.Output.Add(node.Output[0]);
        norm.Attribute.Add(Attributes.Int("axis", -1));
        norm.Attribute.AddRange(node.Attribute.Where(attribute => attribute.Name == "epsilon"));
        norm.Attribute.Add(Attributes.Int("stash_type", 1));
        return norm;
    }

    /// <summary>Nodes need no name, but no two may share one.</summary>
    private static string Part(NodeProto node, string part) => node.Name.Length == 0 ? "" : $"{node.Name}/{part}";

    private static int BiasInput(NodeProto node) => node.OpType == "SkipLayerNormalization" ? LayerNormBias : SimplifiedBias;

    /// <summary>A name that no value has, which from then on is taken.</summary>
    /// <param name="names">The names taken.</param>
    /// <param name="name">The name wished for.</param>
    public static string Unused(HashSet<string> names, string name)
    {
        while (!names.Add(name))
        {
            name += "'";
        }

        return name;
    }
}
