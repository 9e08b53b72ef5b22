using OnnxLens.Onnx;

namespace OnnxLens.Safetensors;

/// <summary>The element types of the format under its own names.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ElementType Type)[] Known =
    [
        ("F64", ElementType.Double), ("F32", ElementType.Float), ("F16", ElementType.Float16), ("BF16", ElementType.BFloat16),
        ("I64", ElementType.Int64), ("I32", ElementType.Int32), ("I16", ElementType.Int16), ("I8", ElementType.Int8),
        ("U64", ElementType.UInt64), ("U32", ElementType.UInt32), ("U16", ElementType.UInt16), ("U8", ElementType.UInt8),
        ("BOOL", ElementType.Bool),
    ];

    /// <summary>All names, for messages.</summary>
    internal static string Names { get; } = string.Join(", ", Known.Select(known => known.Name));

    /// <summary>The type of a name, or <see cref="ElementType.Undefined"/> where it is not one that is read.</summary>
    internal static ElementType Parse(string name) => Array.Find(Known, known => known.Name == name).Type;

    /// <summary>The name of a type, or null where the format (as read here) has none.</summary>
    internal static string? NameOf(ElementType type) => Array.Find(Known, known => known.Type == type).Name;

    /// <summary>Bytes of a tensor, or null where a size is negative or the product overflows.</summary>
    internal static long? Bytes(ElementType type, ReadOnlySpan<long> shape)
    {
        Int128 bytes = type.ByteSize();
        foreach (long size in shape)
        {
            bytes *= size;
            if (size < 0 || bytes > long.MaxValue)
                return null;
        }
        return (long)bytes;
    }
}
