using OnnxLens.Onnx.Proto;
using DataType = OnnxLens.Onnx.Proto.TensorProto.Types.DataType;

namespace OnnxLens.Onnx;

/// <summary>How many elements and bytes a tensor has by its dims and type, and how many the file holds.</summary>
internal static class TensorSizes
{
    /// <summary>Bits of one element when packed, or null for text, undefined types and types whose packing is not settled.</summary>
    internal static int? Bits(int dataType) => (DataType)dataType switch
    {
        DataType.Uint2 or DataType.Int2 => 2,
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        DataType.Uint8 or DataType.Int8 or DataType.Bool
            or DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz
            or DataType.Float8E8M0 => 8,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 or DataType.Bfloat16 => 16,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 32,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        _ => null,
    };

    /// <summary>Whether the format knows the element type.</summary>
    internal static bool IsKnown(int dataType) => dataType != 0 && Enum.IsDefined((DataType)dataType);

    /// <summary>The product of the dims, or null when one is negative or the product does not fit in 64 bits.</summary>
    internal static long? Count(IReadOnlyList<long> dims)
    {
        if (dims.Any(dim => dim < 0))
        {
            return null;
        }

        if (dims.Contains(0))
        {
            return 0;
        }

        Int128 count = 1;
        foreach (long dim in dims)
        {
            count *= dim;
            if (count > long.MaxValue)
            {
                return null;
            }
        }

        return (long)count;
    }

    /// <summary>Bytes of the packed data, as in raw_data and in files; null when they are not known.</summary>
    internal static long? Bytes(TensorProto tensor)
    {
        if (Count(tensor.Dims) is not { } count || Bits(tensor.DataType) is not { } bits)
        {
            return null;
        }

        Int128 bytes = (((Int128)count * bits) + 7) / 8;
        return bytes > long.MaxValue ? null : (long)bytes;
    }

    /// <summary>The typed field that holds a type's data, the entries it must have, and the entries it has.</summary>
    internal static (string Field, long Expected, long Actual) TypedData(TensorProto tensor, long count) => (DataType)tensor.DataType switch
    {
        DataType.Float => ("float_data", count, tensor.FloatData.Count),
        DataType.Complex64 => ("float_data", Twice(count), tensor.FloatData.Count),
        DataType.Double => ("double_data", count, tensor.DoubleData.Count),
        DataType.Complex128 => ("double_data", Twice(count), tensor.DoubleData.Count),
        DataType.Int64 => ("int64_data", count, tensor.Int64Data.Count),
        DataType.Uint32 or DataType.Uint64 => ("uint64_data", count, tensor.Uint64Data.Count),
        DataType.String => ("string_data", count, tensor.StringData.Count),
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => ("int32_data", (count / 2) + (count % 2), tensor.Int32Data.Count),
        DataType.Uint2 or DataType.Int2 => ("int32_data", (count / 4) + Math.Min(1, count % 4), tensor.Int32Data.Count),
        _ => ("int32_data", count, tensor.Int32Data.Count),
    };

    // The two parts of a complex number. A count beyond all files stays one.
    private static long Twice(long count) => count > long.MaxValue / 2 ? long.MaxValue : 2 * count;

    /// <summary>Entries in all typed fields together.</summary>
    internal static long TypedEntries(TensorProto tensor) =>
        (long)tensor.FloatData.Count + tensor.Int32Data.Count + tensor.StringData.Count
        + tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count;
}
