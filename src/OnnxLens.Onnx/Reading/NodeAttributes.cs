using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Reads attributes of nodes.</summary>
public static class NodeAttributes
{
    /// <summary>A whole number, or null where the node lacks it.</summary>
    public static long? Int(NodeProto node, string name) => Find(node, name)?.I;

    /// <summary>A single-precision number, or null where the node lacks it.</summary>
    public static float? Float(NodeProto node, string name) => Find(node, name)?.F;

    private static AttributeProto? Find(NodeProto node, string name)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
    }
}
