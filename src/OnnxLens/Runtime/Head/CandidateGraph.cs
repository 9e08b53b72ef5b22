using Google.Protobuf;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Runtime.Head;

/// <summary>Turns the LM head's graph into one that multiplies rows of 8 bits by an unembedding of 8 bits.</summary>
/// <remarks>
/// Rows after the norm are rounded with one scale each: number = round(x / scale) + 128, scale = max |x| / 127.
/// logit ≈ score · scale of the row · scale of the token.
/// </remarks>
internal static class CandidateGraph
{
    /// <summary>Output fp32 [N,1]: the scale of each row.</summary>
    public const string Scales = Prefix + "scales";

    /// <summary>Output int32 [N,V].</summary>
    public const string Scores = Prefix + "scores";

    private const string Prefix = "onnxlens.candidates.";

    /// <summary>Adds the nodes.</summary>
    /// <param name="graph">The head.</param>
    /// <param name="normed">Its value after the norm, fp32 [N,H].</param>
    /// <param name="weights">[H,V]; not copied.</param>
    /// <param name="zeroPoint">Their zero, with which they are uint8; int8 where it is 0.</param>
    /// <param name="vocabulary">V.</param>
    public static void AddTo(GraphProto graph, string normed, byte[] weights, byte zeroPoint, int vocabulary)
    {
        ElementType type = zeroPoint == 0 ? ElementType.Int8 : ElementType.UInt8;
        graph.Initializer.Add(new TensorProto
        {
            Name = Name("weights"),
            DataType = (int)type,
            Dims = { weights.Length / vocabulary, vocabulary },
            RawData = UnsafeByteOperations.UnsafeWrap(weights),
        });
        graph.Initializer.Add(new TensorProto { Name = Name("axis"), DataType = (int)ElementType.Int64, Dims = { 1 }, Int64Data = { 1 } });
        graph.Initializer.Add(new TensorProto { Name = Name("zero_point"), DataType = (int)ElementType.UInt8, Int32Data = { 128 } });
        Single(graph, "largest", 127);
        Single(graph, "least_scale", 1e-30f); // A row of zeros has a scale to be divided by.
        Single(graph, "zero", 128);
        Add(graph, "Abs", "magnitudes", normed);
        Add(graph, "ReduceMax", "max", Name("magnitudes"), Name("axis"));
        Add(graph, "Div", "max_scales", Name("max"), Name("largest"));
        Add(graph, "Max", "scales", Name("max_scales"), Name("least_scale"));
        Add(graph, "Div", "scaled", normed, Scales);
        Add(graph, "Round", "rounded", Name("scaled"));
        Add(graph, "Add", "shifted", Name("rounded"), Name("zero"));
        Add(graph, "Cast", "numbers", Name("shifted")).Attribute.Add(Attributes.Int("to", (long)ElementType.UInt8));
        NodeProto product = Add(graph, "MatMulInteger", "scores", Name("numbers"), Name("weights"), Name("zero_point"));
        if (zeroPoint != 0)
        {
            graph.Initializer.Add(new TensorProto { Name = Name("weights_zero_point"), DataType = (int)type, Int32Data = { zeroPoint } });
            product.Input.Add(Name("weights_zero_point"));
        }

        graph.ValueInfo.Add(Info(Scales, ElementType.Float, 1));
        graph.ValueInfo.Add(Info(Scores, ElementType.Int32, vocabulary));
    }

    private static string Name(string name) => Prefix + name;

    private static void Single(GraphProto graph, string name, float value) =>
        graph.Initializer.Add(new TensorProto { Name = Name(name), DataType = (int)ElementType.Float, FloatData = { value } });

    private static NodeProto Add(GraphProto graph, string op, string output, params string[] inputs)
    {
        var node = new NodeProto { OpType = op, Name = Name(output), Input = { inputs }, Output = { Name(output) } };
        graph.Node.Add(node);
        return node;
    }

    private static ValueInfoProto Info(string name, ElementType type, long columns)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = Prefix + "N" });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = columns });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }
}
