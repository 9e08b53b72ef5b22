using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Graphs;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Cutting;

/// <summary>Makes the LM head's graph of a decoder's final norm and unembedding, and puts the read-outs behind them.</summary>
/// <remarks>Where the graph computes logits of some positions only, the nodes that pick them are left out: the head computes those of every row it is given.</remarks>
internal sealed class HeadCutter(Anatomy anatomy, ModelFacts facts, ElementType type)
{
    private const string Prefix = "head/";

    /// <summary>Cuts.</summary>
    /// <exception cref="UnsupportedArchitectureException">The way from the last residual to the logits needs more than the residual, or the graph's operator set is too old.</exception>
    public ModelProto Cut()
    {
        ModelProto head = anatomy.Apart.Clone();
        HeadPath path = anatomy.Stream.Head;
        foreach (NodeProto selection in path.Selections)
        {
            NodeProto node = head.Graph.Node.First(other => other.Output.Contains(selection.Output[0]));
            GraphEditor.ReplaceUses(head.Graph, node.Output[0], node.Input[0]);
        }

        string output = OutputOf(path);
        OwnShapes.Use(head, anatomy, anatomy.Sites().ToImmutableDictionary(site => site.Point, site => site.Value), anatomy.Layers, path.Residual);
        KeepRows(head.Graph, path.Residual);
        GraphEditor.SetOutputs(head, [output]);
        Require(head.Graph);
        SeparateNames(head.Graph);
        output = Prefix + output;
        Finish(head, output);
        return head;
    }

    /// <summary>The logits; where the last thing done to them was to pick positions, what was picked from.</summary>
    private static string OutputOf(HeadPath path)
    {
        string output = path.Output;
        while (path.Selections.FirstOrDefault(node => node.Output[0] == output) is NodeProto selection)
        {
            output = selection.Input[0];
        }

        return output;
    }

    /// <summary>The residual becomes [1,N,H] of the rows given, as the nodes expect three axes.</summary>
    private void KeepRows(GraphProto graph, string residual)
    {
        NodeProto maker = graph.Node.First(node => node.Output.Contains(residual));
        maker.Output[maker.Output.IndexOf(residual)] = residual + "/before_cut";
        var unsqueeze = new NodeProto { OpType = "Unsqueeze", Name = "rows/Unsqueeze" };
        unsqueeze.Input.AddRange([HeadPorts.Hidden, "rows/axis"]);
        unsqueeze.Output.Add(residual);
        graph.Node.Insert(0, unsqueeze);
        graph.Initializer.Add(Ints("rows/axis", 0));
        graph.Input.Add(Port(HeadPorts.Hidden, type, Dimensions.Rows.ToString(), facts.HiddenSize));
        foreach (ValueInfoProto info in graph.ValueInfo.ToArray())
        {
            graph.ValueInfo.Remove(info); // Their first axes were batch and length.
        }
    }

    private static void Require(GraphProto graph)
    {
        string[] foreign = [.. graph.Input.Select(input => input.Name).Where(name => name != HeadPorts.Hidden)];
        if (foreign.Length > 0)
        {
            throw new UnsupportedArchitectureException(
                $"The way from the last residual to the logits reads more than the residual: {string.Join(", ", foreign.Take(4))}. An LM head that depends on nothing else was expected.");
        }
    }

    /// <summary>The read-outs have values of their own, by names that the graph may have as well.</summary>
    private static void SeparateNames(GraphProto graph)
    {
        string[] made = [.. graph.Node.SelectMany(node => node.Output).Where(name => name.Length > 0)];
        foreach (string name in made)
        {
            GraphEditor.RenameValue(graph, name, Prefix + name);
        }

        foreach (NodeProto node in graph.Node)
        {
            node.Name = node.Name.Length == 0 ? "" : Prefix + node.Name; // Nodes need no name, but no two may share one.
        }
    }

    private void Finish(ModelProto head, string output)
    {
        GraphProto graph = head.Graph;
        AddNode(graph, "Cast", [output], output + "/single", Attributes.Int("to", (long)ElementType.Float));
        graph.Initializer.Add(Ints("rows/logits_shape", -1, facts.VocabularySize));
        AddNode(graph, "Reshape", [output + "/single", "rows/logits_shape"], HeadPorts.Logits);
        var builder = new GraphBuilder("readouts");
        Readouts.Emit(builder, builder.Input(HeadPorts.Logits, ElementType.Float, new TensorShape(Dimensions.Rows, facts.VocabularySize)));
        ModelProto readouts = builder.Build();
        OpsetFit.Fit(readouts.Graph, OpsetFit.VersionOf(head));
        graph.Node.AddRange(readouts.Graph.Node);
        graph.Initializer.AddRange(readouts.Graph.Initializer);
        graph.Input.AddRange(readouts.Graph.Input.Where(input => input.Name != HeadPorts.Logits));
        graph.Output.Clear();
        graph.Output.AddRange(readouts.Graph.Output);
        graph.ValueInfo.AddRange(readouts.Graph.ValueInfo);
        head.MetadataProps.Clear();
    }

    private static void AddNode(GraphProto graph, string op, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = $"rows/{op}" };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        graph.Node.Add(node);
    }

    private static TensorProto Ints(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)ElementType.Int64 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.AddRange(values);
        return tensor;
    }

    private static ValueInfoProto Port(string name, ElementType type, string rows, long width)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = rows });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = width });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
