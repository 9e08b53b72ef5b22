using System.Collections.Immutable;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>
/// The operator of <see cref="StoredProduct"/>. Inputs: rows, fp32 [..,K]; and for each product weights [N,K] in fp32, fp16 or bf16, or
/// quantised with scales and zero points as <c>MatMulNBits</c> has them. Outputs: for each product fp32 [..,N].
/// </summary>
internal static class StoredOperator
{
    /// <summary>Its type.</summary>
    public const string TypeName = "StoredMatMul";

    /// <summary>Products of a node at most.</summary>
    public const int MostProducts = 3;

    /// <summary>Inputs of each product, besides the rows: its weights; and of quantised ones scales, and zero points.</summary>
    public const int InputsOfProduct = 3;

    /// <summary>Attribute: <see cref="ElementType"/> of the weights, uint8 where they are quantised.</summary>
    public const string StoredName = "stored";

    /// <summary>Attribute: K.</summary>
    public const string ColumnsName = "columns";

    /// <summary>Attribute: threads of the session.</summary>
    public const string ThreadsName = "threads";

    /// <summary>Attribute: bits of a number of quantised weights; else 0.</summary>
    public const string BitsName = "bits";

    /// <summary>Attribute: columns that share a scale; 0 where weights are not quantised.</summary>
    public const string BlockSizeName = "block_size";

    /// <summary>Attribute: 1 where there are zero points.</summary>
    public const string ZeroPointsName = "zero_points";

    /// <summary>Attributes: N of each product; 0 of one that there is not.</summary>
    public static ImmutableArray<string> OutputsNames { get; } = ["outputs", "outputs_1", "outputs_2"];

    /// <summary>What ONNX Runtime is told of it.</summary>
    public static KernelType Type { get; } = new(
        TypeName,
        [new(ElementType.Float), .. Enumerable.Range(0, MostProducts).SelectMany(WeightPorts)],
        [.. Enumerable.Range(0, MostProducts).Select(product => new KernelPort(ElementType.Float, IsOptional: product > 0))],
        info => new StoredProduct(
            (ElementType)info.Integer(StoredName),
            new QuantizedForm(info.Integer(BitsName), info.Integer(BlockSizeName), info.Flag(ZeroPointsName)),
            [.. OutputsNames.Select(info.Integer).TakeWhile(outputs => outputs > 0)],
            info.Integer(ColumnsName),
            info.Integer(ThreadsName)));

    /// <summary>The input that is the weights of a product, or their numbers; scales and zero points follow it.</summary>
    public static int Weights(int product) => 1 + (product * InputsOfProduct);

    private static KernelPort[] WeightPorts(int product) =>
        [new(ElementType.Undefined, IsOptional: product > 0), new(ElementType.Float, IsOptional: true), new(ElementType.UInt8, IsOptional: true)];
}
