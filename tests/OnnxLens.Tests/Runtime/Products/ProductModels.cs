using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Graphs of one product with bf16 weights, as an export writes them.</summary>
internal static class ProductModels
{
    /// <summary>y = x · Cast(w)ᵀ with w [N,K].</summary>
    public static ModelProto Product(ushort[] weights, int outputs, int columns) => new()
    {
        IrVersion = 10,
        OpsetImport = { new OperatorSetIdProto { Version = 21 }, new OperatorSetIdProto { Domain = GraphBuilder.MicrosoftDomain, Version = 1 } },
        Graph = new GraphProto
        {
            Name = "product",
            Input = { Info("x") },
            Output = { Info("y") },
            Initializer =
            {
                new TensorProto
                {
                    Name = "w",
                    DataType = (int)ElementType.BFloat16,
                    Dims = { outputs, columns },
                    RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(weights.AsSpan())),
                },
            },
            Node =
            {
                new NodeProto { OpType = "Cast", Input = { "w" }, Output = { "widened" }, Attribute = { Attributes.Int("to", (long)ElementType.Float) } },
                new NodeProto
                {
                    OpType = "FusedMatMul",
                    Domain = GraphBuilder.MicrosoftDomain,
                    Input = { "x", "widened" },
                    Output = { "y" },
                    Attribute = { Attributes.Int("transB", 1) },
                },
            },
        },
    };

    /// <summary>A tensor of fp32 with any shape.</summary>
    public static ValueInfoProto Info(string name) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float } } };
}
