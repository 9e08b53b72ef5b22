using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>One place where a node of a graph reads a value.</summary>
/// <param name="Node">The node of the graph that reads the value.</param>
/// <param name="Input">The position among the node's inputs, or −1 when a body of the node (If, Loop, Scan) reads the value.</param>
public readonly record struct ValueUse(NodeProto Node, int Input)
{
    /// <summary>Whether a body of the node reads the value, not the node itself.</summary>
    public bool IsCapture => Input < 0;
}
