using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Runtime.Head;

/// <summary>Fits the LM head's graph to CUDA, when it is opened there. What it computes stays the same.</summary>
/// <remarks>
/// Ranks are counted over bytes with an integer matrix product, the fastest way on the CPU, which CUDA refuses in this shape: there they
/// are counted by a sum in single precision, exact for vocabularies of up to 2²⁴ tokens. The largest value of a row is taken by
/// ReduceMax, which on CUDA takes longer than everything else in the head together: there it is the first of the top one.
/// </remarks>
internal static class HeadOnCuda
{
    private const string LastAxis = "onnxlens.cuda.last_axis";
    private const string One = "onnxlens.cuda.one";

    /// <summary>Edits in place.</summary>
    public static void Apply(ModelProto model)
    {
        GraphProto graph = model.Graph;
        graph.Initializer.Add(new TensorProto { Name = LastAxis, DataType = (int)ElementType.Int64, Dims = { 1 }, Int64Data = { -1 } });
        graph.Initializer.Add(new TensorProto { Name = One, DataType = (int)ElementType.Int64, Dims = { 1 }, Int64Data = { 1 } });
        foreach (NodeProto node in graph.Node.ToArray())
        {
            switch (node.OpType)
            {
                case "MatMulInteger":
                    Replace(graph, node, Sum(node));
                    break;
                case "ReduceMax":
                    Replace(graph, node, First(node));
                    break;
            }
        }
    }

    private static void Replace(GraphProto graph, NodeProto node, NodeProto[] by)
    {
        int index = graph.Node.IndexOf(node);
        graph.Node.RemoveAt(index);
        for (int i = 0; i < by.Length; i++)
        {
            graph.Node.Insert(index + i, by[i]);
        }
    }

    /// <summary>The product of bytes with a column of ones.</summary>
    private static NodeProto[] Sum(NodeProto count)
    {
        string numbers = count.Name + "/ToSingle";
        string sum = count.Name + "/Sum";
        return
        [
            Node("Cast", [count.Input[0]], [numbers], Attributes.Int("to", (long)ElementType.Float)),
            Node("ReduceSum", [numbers, LastAxis], [sum], Attributes.Int("keepdims", 1)),
            Node("Cast", [sum], [count.Output[0]], Attributes.Int("to", (long)ElementType.Int32)),
        ];
    }

    /// <summary>The largest along the last axis, which is dropped.</summary>
    private static NodeProto[] First(NodeProto largest)
    {
        string top = largest.Name + "/Top";
        return
        [
            Node("TopK", [largest.Input[0], One], [top, top + "/Ids"], Attributes.Int("axis", -1)),
            Node("Squeeze", [top, LastAxis], [largest.Output[0]]),
        ];
    }

    private static NodeProto Node(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes) =>
        new() { OpType = op, Name = outputs[0], Input = { inputs }, Output = { outputs }, Attribute = { attributes } };
}
