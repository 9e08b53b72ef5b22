using System.Globalization;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Where the bytes of a tensor lie when they are not in the ONNX file itself.</summary>
/// <param name="Location">File, relative to the folder of the ONNX file, with <c>/</c> between folders.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes.</param>
public sealed record ExternalData(string Location, long Offset, long Length)
{
    private const string LocationKey = "location";
    private const string OffsetKey = "offset";
    private const string LengthKey = "length";

    /// <summary>Reads where a tensor's bytes lie; null where they are in the tensor itself.</summary>
    /// <remarks>A missing offset is 0. A missing length is what the tensor's shape and type need.</remarks>
    /// <exception cref="OnnxFormatException">The location is missing, or an offset or length is no number.</exception>
    public static ExternalData? Read(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External) return null;

        string? location = Entry(tensor, LocationKey);
        if (string.IsNullOrEmpty(location))
        {
            throw new OnnxFormatException($"Initializer '{tensor.Name}' is stored outside the ONNX file, but no file is named (external_data has no '{LocationKey}'). Export the model again.");
        }

        return new ExternalData(location, Number(tensor, OffsetKey) ?? 0, Number(tensor, LengthKey) ?? NeededBytes(tensor));
    }

    /// <summary>Makes a tensor refer to these bytes; bytes that it held itself are dropped.</summary>
    public void WriteTo(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.StringData.Clear();
        tensor.DoubleData.Clear();
        tensor.Uint64Data.Clear();
        tensor.ExternalData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        Add(tensor, LocationKey, Location);
        Add(tensor, OffsetKey, Offset.ToString(CultureInfo.InvariantCulture));
        Add(tensor, LengthKey, Length.ToString(CultureInfo.InvariantCulture));
    }

    private static void Add(TensorProto tensor, string key, string value) =>
        tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });

    private static string? Entry(TensorProto tensor, string key)
    {
        foreach (StringStringEntryProto entry in tensor.ExternalData)
        {
            if (entry.Key == key) return entry.Value;
        }

        return null;
    }

    private static long? Number(TensorProto tensor, string key)
    {
        if (Entry(tensor, key) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new OnnxFormatException($"Initializer '{tensor.Name}': external_data '{key}' is '{text}', expected a whole number of bytes. Export the model again.");
    }

    private static long NeededBytes(TensorProto tensor)
    {
        try
        {
            long count = 1;
            foreach (long size in tensor.Dims)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(size);
                count = checked(count * size);
            }

            var type = (ElementType)tensor.DataType;
            return type is ElementType.Int4 or ElementType.UInt4 ? (count + 1) / 2 : checked(count * type.ByteSize());
        }
        catch (Exception cause) when (cause is OverflowException or ArgumentOutOfRangeException)
        {
            throw new OnnxFormatException($"Initializer '{tensor.Name}' gives no length of its external data, and type {tensor.DataType} with shape [{string.Join(",", tensor.Dims)}] does not tell it. Export the model again.", cause);
        }
    }
}
