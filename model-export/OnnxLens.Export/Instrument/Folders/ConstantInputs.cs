using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Gives all that never changes in a graph one form: that of an initializer.</summary>
internal static class ConstantInputs
{
    /// <summary>The first version of the format in which an initializer that is an input as well is a default, and one that is none a constant.</summary>
    private const int FirstWithDefaults = 4;

    /// <summary>
    /// Makes initializers of the tensors of Constant nodes, and of inputs with a default initializers alone: they are never fed, and
    /// models of the oldest format list every weight among their inputs.
    /// </summary>
    /// <param name="model">The model, edited in place.</param>
    public static void Unify(ModelProto model)
    {
        GraphProto graph = model.Graph;
        model.IrVersion = Math.Max(model.IrVersion, FirstWithDefaults);
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
