using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <content>Which values a graph is given.</content>
public static partial class GraphEditor
{
    /// <summary>Makes a value that a node of the graph computes into an input, and removes the node. With <see cref="SetOutputs"/> it cuts a piece out of a graph.</summary>
    /// <param name="model">The model to edit.</param>
    /// <param name="value">The only output of some node. An input stays one.</param>
    /// <exception cref="OnnxFormatException">The graph has no such value, does not say its type, or its node makes others as well.</exception>
    public static void MakeInput(ModelProto model, string value)
    {
        ArgumentNullException.ThrowIfNull(model);
        var view = new GraphView(model.Graph);
        if (view.RequireDefined(value) is var name && view.IsInput(name))
        {
            return;
        }

        NodeProto producer = view.Producer(value)
            ?? throw new OnnxFormatException($"The value '{value}' is a constant, so it cannot become an input.");
        ValueInfoProto info = view.InfoOf(value)?.Clone()
            ?? throw new OnnxFormatException($"The graph does not say the type of '{value}', so it cannot become an input.");
        if (producer.Output.Count(output => output.Length > 0) != 1)
        {
            throw new OnnxFormatException($"The node '{producer.Name}' makes other values besides '{value}', so '{value}' cannot become an input.");
        }

        model.Graph.Node.Remove(producer);
        model.Graph.Input.Add(info);
        Replace(model.Graph.ValueInfo, [.. model.Graph.ValueInfo.Where(other => other.Name != value)]);
    }
}
