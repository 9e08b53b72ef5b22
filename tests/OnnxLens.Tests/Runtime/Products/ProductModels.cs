using System.Runtime.InteropServices;
using Google.Protobuf;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Products;

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

    /// <summary>y = x · wᵀ with quantised w [N,K].</summary>
    public static ModelProto Quantized(QuantizedForm form, QuantizedSample weights) => new()
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
                Constant("w", ElementType.UInt8, weights.Numbers, weights.Outputs, form.Blocks(weights.Columns), form.BlockSize * form.Bits / 8),
                Constant("scales", ElementType.Float, [.. MemoryMarshal.AsBytes(weights.Scales.AsSpan())], weights.Outputs, form.Blocks(weights.Columns)),
                form.HasZeroPoints ? [Constant("zeros", ElementType.UInt8, weights.ZeroPoints, weights.ZeroPoints.Length)] : (TensorProto[])[],
            },
            Node =
            {
                new NodeProto
                {
                    OpType = "MatMulNBits",
                    Domain = GraphBuilder.MicrosoftDomain,
                    Input = { form.HasZeroPoints ? ["x", "w", "scales", "zeros"] : (string[])["x", "w", "scales"] },
                    Output = { "y" },
                    Attribute =
                    {
                        Attributes.Int("N", weights.Outputs), Attributes.Int("K", weights.Columns), Attributes.Int("bits", form.Bits),
                        Attributes.Int("block_size", form.BlockSize), Attributes.Int("accuracy_level", 1),
                    },
                },
            },
        },
    };

    /// <summary>Products of the same rows: what makes product i and what it gives have its number behind their names, as <c>w_0</c> and <c>y_0</c>.</summary>
    public static ModelProto Together(params ReadOnlySpan<ModelProto> products)
    {
        ModelProto all = products[0].Clone();
        all.Graph.Node.Clear();
        all.Graph.Initializer.Clear();
        all.Graph.Output.Clear();
        for (int i = 0; i < products.Length; i++)
        {
            GraphProto graph = products[i].Clone().Graph;
            string Renamed(string name) => name == "x" ? name : $"{name}_{i}";
            foreach (TensorProto tensor in graph.Initializer)
            {
                tensor.Name = Renamed(tensor.Name);
            }

            foreach (NodeProto node in graph.Node)
            {
                string[] inputs = [.. node.Input.Select(Renamed)];
                string[] outputs = [.. node.Output.Select(Renamed)];
                node.Input.Clear();
                node.Input.AddRange(inputs);
                node.Output.Clear();
                node.Output.AddRange(outputs);
            }

            all.Graph.Initializer.AddRange(graph.Initializer);
            all.Graph.Node.AddRange(graph.Node);
            all.Graph.Output.Add(Info(Renamed("y")));
        }

        return all;
    }

    private static TensorProto Constant(string name, ElementType type, byte[] data, params long[] shape) =>
        new() { Name = name, DataType = (int)type, Dims = { shape }, RawData = ByteString.CopyFrom(data) };

    /// <summary>A tensor of fp32 with any shape.</summary>
    public static ValueInfoProto Info(string name) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float } } };
}
