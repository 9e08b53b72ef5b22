using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Cutting;

/// <summary>Writes nodes of our own operator set (21) in the version that a foreign graph imports.</summary>
internal static class OpsetFit
{
    /// <summary>The oldest version in which the read-outs can be written.</summary>
    private const long Oldest = 13;

    private const long AxesAreInput = 18;

    /// <summary>From this version on, Shape can give a part of the sizes.</summary>
    internal const long ShapeHasRange = 15;

    /// <summary>The version of the standard operators that a model imports.</summary>
    public static long VersionOf(ModelProto model) => model.OpsetImport.First(import => import.Domain.Length is 0 || import.Domain == "ai.onnx").Version;

    /// <summary>Rewrites a graph's nodes in place.</summary>
    /// <exception cref="UnsupportedArchitectureException">The version is too old.</exception>
    public static void Fit(GraphProto graph, long version)
    {
        if (version < Oldest)
        {
            throw new UnsupportedArchitectureException($"The graph imports version {version} of the standard operators; at least {Oldest} is needed for the read-outs of the LM head. Export the model again with a newer opset.");
        }

        foreach (NodeProto node in graph.Node.ToArray())
        {
            if (node.OpType == "ReduceMax" && version < AxesAreInput)
            {
                node.Attribute.Add(Attributes.Ints("axes", Values(graph, node.Input[1])));
                node.Input.RemoveAt(1);
            }

            if (node.OpType == "Shape" && version < ShapeHasRange && node.Attribute.FirstOrDefault(attribute => attribute.Name == "start") is AttributeProto start)
            {
                node.Attribute.Remove(start);
                SliceShape(graph, node, "/all", start.I, long.MaxValue);
            }
        }
    }

    /// <summary>Has a Shape node give all sizes, and a Slice behind it those asked for.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">Its Shape node.</param>
    /// <param name="suffix">What the new values are called, behind the name of the old one.</param>
    /// <param name="start">The first axis.</param>
    /// <param name="end">The axis behind the last.</param>
    internal static void SliceShape(GraphProto graph, NodeProto node, string suffix, long start, long end)
    {
        string all = node.Output[0] + suffix;
        string[] bounds = [all + "/start", all + "/end"];
        var slice = new NodeProto { OpType = "Slice", Name = all + "/Slice" };
        slice.Input.AddRange([all, .. bounds]);
        slice.Output.Add(node.Output[0]);
        long[] values = [start, end];
        for (int i = 0; i < bounds.Length; i++)
        {
            var tensor = new TensorProto { Name = bounds[i], DataType = (int)ElementType.Int64 };
            tensor.Dims.Add(1);
            tensor.Int64Data.Add(values[i]);
            graph.Initializer.Add(tensor);
        }

        node.Output[0] = all;
        graph.Node.Insert(graph.Node.IndexOf(node) + 1, slice);
    }

    private static long[] Values(GraphProto graph, string initializer)
    {
        TensorProto tensor = graph.Initializer.First(tensor => tensor.Name == initializer);
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(tensor.RawData.Span).ToArray();
    }
}
