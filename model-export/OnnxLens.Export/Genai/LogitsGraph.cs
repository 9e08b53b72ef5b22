using OnnxLens.Bundles;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Genai;

/// <summary>What onnxruntime-genai needs of an LM head: final norm and unembedding, over [B,S,H] in place of [N,H], without the read-outs.</summary>
internal static class LogitsGraph
{
    /// <summary>Operators that treat every row by itself, so that they may be given the rows in one more axis.</summary>
    private static readonly HashSet<string> RowWise = new(StringComparer.Ordinal)
    {
        "SimplifiedLayerNormalization", "RMSNormalization", "FusedMatMul", "MatMul", "MatMulNBits", "Cast", "Add", "Mul", "Div", "Tanh", "Identity",
    };

    /// <summary>Edits an LM head so that it maps T [B,S,H] to fp32 logits [B,S,V], under the names of its ports.</summary>
    /// <exception cref="BundleException">The head computes logits in a way that is not known to work on rows in three axes.</exception>
    public static void Cut(ModelProto head, string file)
    {
        GraphProto graph = head.Graph;
        GraphEditor.SetOutputs(head, [HeadPorts.Logits]);
        if (graph.Input.Count != 1 || graph.Input[0].Name != HeadPorts.Hidden || Rows(graph.Input[0]) is not { } rows)
        {
            throw new BundleException($"The LM head '{file}' needs other inputs for its logits than rows of '{HeadPorts.Hidden}', so onnxruntime-genai cannot feed it. Export the checkpoint with this program.");
        }

        RequireRowWise(new GraphView(graph), file);
        foreach (ValueInfoProto info in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Where(info => Rows(info) == rows)) Widen(info);
    }

    private static void RequireRowWise(GraphView view, string file)
    {
        var byRow = new HashSet<string>(StringComparer.Ordinal) { HeadPorts.Hidden };
        foreach (NodeProto node in view.Graph.Node.Where(node => view.Reads(node).Any(byRow.Contains)))
        {
            byRow.UnionWith(node.Output);
            if (!RowWise.Contains(node.OpType))
            {
                throw new BundleException($"The LM head '{file}' has the operator '{node.OpType}' before its logits, which is not known to work row by row. Export the checkpoint with this program.");
            }
        }
    }

    /// <summary>The name of the first of two dimensions, or null.</summary>
    private static string? Rows(ValueInfoProto info) =>
        info.Type?.TensorType?.Shape is { Dim.Count: 2 } shape && shape.Dim[0].DimParam is { Length: > 0 } name ? name : null;

    private static void Widen(ValueInfoProto info)
    {
        TensorShapeProto shape = info.Type.TensorType.Shape;
        shape.Dim[0].DimParam = Dimensions.Batch;
        shape.Dim.Insert(1, new TensorShapeProto.Types.Dimension { DimParam = Dimensions.Sequence });
    }
}
