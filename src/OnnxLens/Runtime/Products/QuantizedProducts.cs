using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Which products with quantised weights are multiplied as they are stored: nodes <c>MatMulNBits</c> of com.microsoft.</summary>
internal static class QuantizedProducts
{
    private const int Numbers = 1;
    private const int Scales = 2;
    private const int ZeroPoints = 3;
    private const int MostBlockSize = 1 << 20;

    // The level of accuracy is the least that is asked for, and ours is the highest.
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "K", "N", "bits", "block_size", "accuracy_level" };

    /// <summary>The form of a node's weights where they can be multiplied as they are stored; else null.</summary>
    /// <remarks>
    /// Weights are constants in fp32 once they are read back, of 4 or 8 bits, in blocks of 32 or a larger power of two, with zero points of
    /// as many bits or none, no permuted columns and no bias.
    /// </remarks>
    public static QuantizedForm? Find(GraphView view, NodeProto node)
    {
        if (!Quantizations.IsMatMul(node) || !NodeInputs.Has(node, Scales)
            || node.Attribute.Any(attribute => !Known.Contains(attribute.Name))
            || node.Input.Skip(ZeroPoints + 1).Any(input => input.Length > 0))
        {
            return null;
        }

        bool hasZeroPoints = NodeInputs.Has(node, ZeroPoints);
        long blockSize = Int(node, "block_size", 0);
        long bits = Int(node, "bits", 4);
        (long outputs, long columns) = Sizes(node);
        if (bits is not (4 or 8) || blockSize is < QuantizedRow.Unit or > MostBlockSize || !long.IsPow2(blockSize)
            || !KernelDomain.IsSupported || !StoredProducts.Fits(outputs, columns))
        {
            return null;
        }

        var form = new QuantizedForm((int)bits, (int)blockSize, hasZeroPoints);
        return IsConstant(view, node.Input[Numbers], ElementType.UInt8, outputs * form.RowBytes((int)columns))
            && IsConstant(view, node.Input[Scales], ElementType.Float, outputs * form.Blocks((int)columns))
            && (!hasZeroPoints || IsConstant(view, node.Input[ZeroPoints], ElementType.UInt8, outputs * form.ZeroPointBytes((int)columns)))
                ? form
                : null;
    }

    /// <summary>Such a node as a product of ours.</summary>
    public static StoredNode Of(NodeProto node, QuantizedForm form)
    {
        (long outputs, long columns) = Sizes(node);
        return new StoredNode(node, [.. node.Input.Skip(Numbers).Take(form.HasZeroPoints ? ZeroPoints : Scales)], ElementType.UInt8, form, outputs, columns);
    }

    private static (long Outputs, long Columns) Sizes(NodeProto node) => (Int(node, "N", 0), Int(node, "K", 0));

    private static long Int(NodeProto node, string name, long missing) => NodeAttributes.Int(node, name) ?? missing;

    private static bool IsConstant(GraphView view, string value, ElementType type, long elements) =>
        !view.IsInput(value) && view.Initializer(value) is { } tensor && tensor.DataType == (int)type
        && tensor.Dims.Aggregate(1L, (product, size) => product * size) == elements;
}
