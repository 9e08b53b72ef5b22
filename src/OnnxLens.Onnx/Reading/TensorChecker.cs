using System.Globalization;
using OnnxLens.Onnx.Proto;
using DataType = OnnxLens.Onnx.Proto.TensorProto.Types.DataType;

namespace OnnxLens.Onnx;

/// <summary>Checks that tensors have as much data as they say, in one place.</summary>
internal sealed class TensorChecker(List<GraphFinding> findings, Func<string, long?>? externalFileLength)
{
    internal void Check(SparseTensorProto sparse, string where)
    {
        if (sparse.Values is null)
        {
            Find(where, "the values are missing.");
        }
        else
        {
            Check(sparse.Values, where);
        }

        if (sparse.Indices is not null)
        {
            Check(sparse.Indices, $"{where}, indices");
        }
    }

    internal void Check(TensorProto tensor, string where)
    {
        if (!TensorSizes.IsKnown(tensor.DataType))
        {
            Find(where, $"data_type {tensor.DataType} is not known.");
        }
        else if (TensorSizes.Count(tensor.Dims) is not { } count)
        {
            Find(where, $"dims [{string.Join(", ", tensor.Dims)}] are negative or too large.");
        }
        else if (tensor.Segment is not null)
        {
            Find(where, "is stored in segments, which no reader supports.");
        }
        else if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
        {
            CheckExternal(tensor, where);
        }
        else if (tensor.HasRawData)
        {
            CheckRaw(tensor, where);
        }
        else
        {
            CheckTyped(tensor, count, where);
        }
    }

    private void CheckRaw(TensorProto tensor, string where)
    {
        if (tensor.DataType == (int)DataType.String)
        {
            Find(where, "text must lie in string_data, not in raw_data.");
        }
        else if (TensorSizes.Bytes(tensor) is { } bytes && tensor.RawData.Length != bytes)
        {
            Find(where, $"raw_data has {tensor.RawData.Length} bytes. Expected {bytes} for {Describe(tensor)}.");
        }

        if (TensorSizes.TypedEntries(tensor) > 0)
        {
            Find(where, "has data in raw_data and in a typed field. Expected one of them.");
        }
    }

    private void CheckTyped(TensorProto tensor, long count, string where)
    {
        (string field, long expected, long actual) = TensorSizes.TypedData(tensor, count);
        bool isSizeKnown = TensorSizes.Bits(tensor.DataType) is not null || tensor.DataType == (int)DataType.String;
        if (isSizeKnown && actual != expected)
        {
            Find(where, $"{field} has {actual} entries. Expected {expected} for {Describe(tensor)}.");
        }

        if (TensorSizes.TypedEntries(tensor) != actual)
        {
            Find(where, $"has data in a field other than {field}, where {Describe(tensor)} belongs.");
        }
    }

    private void CheckExternal(TensorProto tensor, string where)
    {
        if (tensor.HasRawData || TensorSizes.TypedEntries(tensor) > 0)
        {
            Find(where, "has external data and inline data. Expected one of them.");
        }

        if (TensorSizes.Bytes(tensor) is not { } bytes)
        {
            Find(where, "cannot have external data: its type has no fixed size.");
            return;
        }

        string? location = Entry(tensor, "location");
        bool isPlain = ExternalLocation.IsPlain(location);
        if (!isPlain)
        {
            Find(where, $"external data location '{location}' is not a plain relative path. Expected a file in the model's folder or below it.");
        }

        long? offset = Number(tensor, "offset", where);
        long? length = Number(tensor, "length", where);
        if (length is not null && length != bytes)
        {
            Find(where, $"external data has {length} bytes. Expected {bytes} for {Describe(tensor)}.");
        }

        if (isPlain)
        {
            CheckFile(location!, offset ?? 0, bytes, where);
        }
    }

    private void CheckFile(string location, long offset, long bytes, string where)
    {
        if (externalFileLength is null)
        {
            return;
        }

        if (externalFileLength(location) is not { } fileLength)
        {
            Find(where, $"external data file '{location}' is missing.");
        }
        else if (offset > fileLength || bytes > fileLength - offset)
        {
            Find(where, $"external data ends at byte {(Int128)offset + bytes} of '{location}', which has {fileLength} bytes.");
        }
    }

    private long? Number(TensorProto tensor, string key, string where)
    {
        string? text = Entry(tensor, key);
        if (text is null)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return number;
        }

        Find(where, $"external data {key} is '{text}'. Expected a whole number of bytes.");
        return null;
    }

    private static string? Entry(TensorProto tensor, string key) =>
        tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

    private static string Describe(TensorProto tensor) =>
        $"{((DataType)tensor.DataType).ToString().ToLowerInvariant()}[{string.Join(", ", tensor.Dims)}]";

    private void Find(string where, string problem) => findings.Add(new GraphFinding(where, problem));
}
