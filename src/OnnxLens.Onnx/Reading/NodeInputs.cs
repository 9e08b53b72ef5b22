using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Reads inputs of nodes.</summary>
public static class NodeInputs
{
    /// <summary>Whether a node has an input that it may lack: one behind its last, or without a name, it has not.</summary>
    public static bool Has(NodeProto node, int index)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Input.Count > index && node.Input[index].Length > 0;
    }
}
