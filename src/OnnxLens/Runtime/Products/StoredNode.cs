using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Runtime.Products;

/// <summary>A product in a graph that is to be computed with weights as they are stored.</summary>
/// <param name="Node">Its node. The first input are the rows.</param>
/// <param name="Weights">The values of its weights; quantised, of the numbers, their scales and, where there are any, zero points.</param>
/// <param name="Stored">The weights' type, uint8 where they are quantised.</param>
/// <param name="Form">How they are quantised, if they are.</param>
/// <param name="Outputs">N.</param>
/// <param name="Columns">K.</param>
internal sealed record StoredNode(NodeProto Node, ImmutableArray<string> Weights, ElementType Stored, QuantizedForm Form, long Outputs, long Columns)
{
    /// <summary>The rows, fp32 [..,K].</summary>
    public string Rows => Node.Input[0];
}
