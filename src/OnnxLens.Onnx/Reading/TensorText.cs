using System.Buffers.Binary;
using System.Globalization;
using OnnxLens.Onnx.Proto;
using DataType = OnnxLens.Onnx.Proto.TensorProto.Types.DataType;

namespace OnnxLens.Onnx;

/// <summary>Tensors in a text dump.</summary>
internal static class TensorText
{
    private const int ListedValues = 8;

    /// <summary>Type, dims, and the values, their hash, or where they lie.</summary>
    internal static string Describe(TensorProto tensor) =>
        $"{TypeText.Element(tensor.DataType)}[{string.Join(", ", tensor.Dims.Select(Invariant))}] {Data(tensor)}";

    /// <summary>Dims, and the values and indices as tensors.</summary>
    internal static string Describe(SparseTensorProto sparse) =>
        $"sparse [{string.Join(", ", sparse.Dims.Select(Invariant))}], values "
        + $"{(sparse.Values is null ? "?" : Describe(sparse.Values))}, indices {(sparse.Indices is null ? "?" : Describe(sparse.Indices))}";

    private static string Data(TensorProto tensor)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            return $"@ {DumpText.Name(Entry(tensor, "location") ?? "?")} {Entry(tensor, "offset") ?? "0"}+{Entry(tensor, "length") ?? "?"}";
        }

        if (tensor.DataType == (int)DataType.String)
        {
            return $"= {DumpText.List(tensor.StringData.Select(DumpText.Bytes))}";
        }

        byte[] bytes = TensorBytes.LittleEndian(tensor);
        if (TensorSizes.IsKnown(tensor.DataType) && TensorSizes.Bits(tensor.DataType) is null)
        {
            return $"{DumpText.Hash(bytes)}, {bytes.Length} bytes";
        }

        if (TensorSizes.Bytes(tensor) != bytes.Length)
        {
            return $"damaged, {bytes.Length} bytes";
        }

        long count = TensorSizes.Count(tensor.Dims)!.Value;
        return count <= ListedValues
            ? $"= {Values(tensor.DataType, bytes, (int)count, isScalar: tensor.Dims.Count == 0)}"
            : $"{DumpText.Hash(bytes)}, {bytes.Length} bytes";
    }

    private static string Values(int dataType, byte[] bytes, int count, bool isScalar)
    {
        IEnumerable<string> values = Enumerable.Range(0, count).Select(index => Value((DataType)dataType, bytes, index));
        return isScalar ? values.Single() : DumpText.List(values);
    }

    private static string Value(DataType type, byte[] bytes, int index)
    {
        int bits = TensorSizes.Bits((int)type)!.Value;
        ReadOnlySpan<byte> at = bytes.AsSpan((int)((long)index * bits / 8));
        int packed = bits < 8 ? (at[0] >> (index * bits % 8)) & ((1 << bits) - 1) : 0;
        return type switch
        {
            DataType.Float => Invariant(BinaryPrimitives.ReadSingleLittleEndian(at)),
            DataType.Double => Invariant(BinaryPrimitives.ReadDoubleLittleEndian(at)),
            DataType.Float16 => Invariant(BinaryPrimitives.ReadHalfLittleEndian(at)),
            DataType.Bfloat16 => Invariant(BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(at) << 16)),
            DataType.Complex64 => $"({Invariant(BinaryPrimitives.ReadSingleLittleEndian(at))}, {Invariant(BinaryPrimitives.ReadSingleLittleEndian(at[4..]))})",
            DataType.Complex128 => $"({Invariant(BinaryPrimitives.ReadDoubleLittleEndian(at))}, {Invariant(BinaryPrimitives.ReadDoubleLittleEndian(at[8..]))})",
            DataType.Int8 => Invariant((sbyte)at[0]),
            DataType.Uint8 => Invariant(at[0]),
            DataType.Int16 => Invariant(BinaryPrimitives.ReadInt16LittleEndian(at)),
            DataType.Uint16 => Invariant(BinaryPrimitives.ReadUInt16LittleEndian(at)),
            DataType.Int32 => Invariant(BinaryPrimitives.ReadInt32LittleEndian(at)),
            DataType.Uint32 => Invariant(BinaryPrimitives.ReadUInt32LittleEndian(at)),
            DataType.Int64 => Invariant(BinaryPrimitives.ReadInt64LittleEndian(at)),
            DataType.Uint64 => Invariant(BinaryPrimitives.ReadUInt64LittleEndian(at)),
            DataType.Bool => at[0] != 0 ? "true" : "false",
            DataType.Uint4 or DataType.Uint2 => Invariant(packed),
            DataType.Int4 or DataType.Int2 => Invariant(packed >= 1 << (bits - 1) ? packed - (1 << bits) : packed),
            _ => $"0x{(bits < 8 ? packed : at[0]):x2}",
        };
    }

    private static string? Entry(TensorProto tensor, string key) =>
        tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

    private static string Invariant<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
