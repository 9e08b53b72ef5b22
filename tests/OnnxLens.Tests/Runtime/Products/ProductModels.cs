using Google.Protobuf;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Graphs of one product with stored weights, as an export writes them.</summary>
internal static class ProductModels
{
    /// <summary>y = x · wᵀ with w [N,K] in fp32; in other types, y = x · Cast(w)ᵀ.</summary>
    public static ModelProto Product(ElementType type, ReadOnlySpan<byte> weights, int outputs, int columns)
    {
        bool isSingle = type == ElementType.Float;
        var graph = new GraphProto
        {
            Name = "product",
            Input = { Info("x") },
            Output = { Info("y") },
            Initializer = { new TensorProto { Name = "w", DataType = (int)type, Dims = { outputs, columns }, RawData = ByteString.CopyFrom(weights) } },
        };
        if (!isSingle)
        {
            graph.Node.Add(new NodeProto { OpType = "Cast", Input = { "w" }, Output = { "widened" }, Attribute = { Attributes.Int("to", (long)ElementType.Float) } });
        }

        graph.Node.Add(new NodeProto
        {
            OpType = "FusedMatMul",
            Domain = GraphBuilder.MicrosoftDomain,
            Input = { "x", isSingle ? "w" : "widened" },
            Output = { "y" },
            Attribute = { Attributes.Int("transB", 1) },
        });
        return new ModelProto
        {
            IrVersion = 10,
            OpsetImport = { new OperatorSetIdProto { Version = 21 }, new OperatorSetIdProto { Domain = GraphBuilder.MicrosoftDomain, Version = 1 } },
            Graph = graph,
        };
    }

    /// <summary>A tensor of fp32 with any shape.</summary>
    public static ValueInfoProto Info(string name) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float } } };
}
