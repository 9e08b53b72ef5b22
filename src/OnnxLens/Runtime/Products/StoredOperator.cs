using OnnxLens.Onnx;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>The operator of <see cref="StoredProduct"/>: inputs fp32 [..,K], weights [N,K] in fp32, fp16 or bf16, or quantised with scales and zero points as <c>MatMulNBits</c> has them; output fp32 [..,N].</summary>
internal static class StoredOperator
{
    /// <summary>Its type.</summary>
    public const string TypeName = "StoredMatMul";

    /// <summary>Attribute: <see cref="ElementType"/> of the weights, uint8 where they are quantised.</summary>
    public const string StoredName = "stored";

    /// <summary>Attribute: N.</summary>
    public const string OutputsName = "outputs";

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

    /// <summary>Input: scales of quantised weights.</summary>
    public const int Scales = 2;

    /// <summary>Input: zero points of quantised weights.</summary>
    public const int ZeroPoints = 3;

    /// <summary>What ONNX Runtime is told of it.</summary>
    public static KernelType Type { get; } = new(
        TypeName,
        [new(ElementType.Float), new(ElementType.Undefined), new(ElementType.Float, IsOptional: true), new(ElementType.UInt8, IsOptional: true)],
        [new(ElementType.Float)],
        info => new StoredProduct(
            (ElementType)info.Integer(StoredName),
            new QuantizedForm(info.Integer(BitsName), info.Integer(BlockSizeName), info.Flag(ZeroPointsName)),
            info.Integer(OutputsName),
            info.Integer(ColumnsName),
            info.Integer(ThreadsName)));
}
