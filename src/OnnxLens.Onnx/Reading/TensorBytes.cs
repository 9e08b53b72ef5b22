using System.Buffers.Binary;
using OnnxLens.Onnx.Proto;
using DataType = OnnxLens.Onnx.Proto.TensorProto.Types.DataType;

namespace OnnxLens.Onnx;

/// <summary>The inline data of a tensor as packed little-endian bytes, whichever field holds it.</summary>
internal static class TensorBytes
{
    /// <summary>The bytes as raw_data has them. Text and external data give none.</summary>
    internal static byte[] LittleEndian(TensorProto tensor)
    {
        if (tensor.HasRawData)
        {
            return tensor.RawData.ToByteArray();
        }

        return (DataType)tensor.DataType switch
        {
            DataType.Float or DataType.Complex64 => Pack(tensor.FloatData, 4, (bytes, value) => BinaryPrimitives.WriteSingleLittleEndian(bytes, value)),
            DataType.Double or DataType.Complex128 => Pack(tensor.DoubleData, 8, (bytes, value) => BinaryPrimitives.WriteDoubleLittleEndian(bytes, value)),
            DataType.Int64 => Pack(tensor.Int64Data, 8, (bytes, value) => BinaryPrimitives.WriteInt64LittleEndian(bytes, value)),
            DataType.Uint64 => Pack(tensor.Uint64Data, 8, (bytes, value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes, value)),
            DataType.Uint32 => Pack(tensor.Uint64Data, 4, (bytes, value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes, unchecked((uint)value))),
            DataType.Int32 => Pack(tensor.Int32Data, 4, (bytes, value) => BinaryPrimitives.WriteInt32LittleEndian(bytes, value)),
            _ when TensorSizes.Bits(tensor.DataType) == 16 => Pack(tensor.Int32Data, 2, (bytes, value) => BinaryPrimitives.WriteInt16LittleEndian(bytes, unchecked((short)value))),
            _ => Pack(tensor.Int32Data, 1, (bytes, value) => bytes[0] = unchecked((byte)value)),
        };
    }

    private delegate void Write<T>(Span<byte> bytes, T value);

    private static byte[] Pack<T>(IReadOnlyList<T> values, int size, Write<T> write)
    {
        byte[] bytes = new byte[values.Count * size];
        for (int index = 0; index < values.Count; index++)
        {
            write(bytes.AsSpan(index * size, size), values[index]);
        }

        return bytes;
    }
}
