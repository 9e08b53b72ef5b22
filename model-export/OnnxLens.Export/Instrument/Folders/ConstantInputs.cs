using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Gives all that never changes in a graph one form: that of an initializer.</summary>
internal static class ConstantInputs
{
    /// <summary>
    /// Makes initializers of the tensors of Constant nodes, and of inputs with a default initializers alone: they are never fed, and
    /// models of the oldest format list every weight among their inputs.
    /// </summary>
    /// <param name="graph">The graph, edited in place.</param>
    public static void Unify(GraphProto graph)
    {
        foreach (NodeProto node in graph.Node.ToArray())
        {
            if (node is { OpType: "Constant", Domain: "" or "ai.onnx", Output.Count: 1, Attribute.Count: 1 } && node.Attribute[0].T is TensorProto tensor)
            {
                tensor.Name = node.Output[0];
                graph.Initializer.Add(tensor);
                graph.Node.Remove(node);
            }
        }

        HashSet<string> defaults = [.. graph.Initializer.Select(tensor => tensor.Name)];
        foreach (ValueInfoProto input in graph.Input.Where(input => defaults.Contains(input.Name)).ToArray())
        {
            graph.Input.Remove(input);
        }
    }
}
