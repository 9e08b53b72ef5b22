using System.Text;

namespace OnnxLens.Onnx;

/// <summary>
/// Finds where in an ONNX file the bytes of its graph's constants lie, so that another graph can refer to them as external data in
/// place of a copy. See protobuf's wire format, and the field numbers of onnx.proto.
/// </summary>
public static class InlineTensors
{
    private const int ModelGraph = 7;
    private const int GraphNode = 1;
    private const int GraphInitializer = 5;
    private const int NodeOutput = 2;
    private const int NodeOperator = 4;
    private const int NodeAttribute = 5;
    private const int AttributeTensor = 5;
    private const int TensorFloats = 4;
    private const int TensorName = 8;
    private const int TensorRaw = 9;
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    /// <summary>Where the bytes of each initializer and of each Constant node's tensor lie that are stored as they are used: raw, or as packed single-precision numbers.</summary>
    /// <param name="file">The whole file.</param>
    /// <returns>By the name of the initializer or of the node's output, the first byte and how many.</returns>
    /// <exception cref="OnnxFormatException">The bytes are no protobuf message.</exception>
    public static IReadOnlyDictionary<string, (long Offset, long Length)> Locate(ReadOnlySpan<byte> file)
    {
        var found = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        var model = new Reader(file, 0, file.Length);
        while (model.Next(out int field, out (int Start, int Length) content))
        {
            if (field == ModelGraph)
            {
                var graph = new Reader(file, content.Start, content.Length);
                while (graph.Next(out int part, out (int Start, int Length) tensor))
                {
                    if (part == GraphInitializer && Tensor(file, tensor) is (string name, (int, int) data))
                    {
                        found[name] = data;
                    }
                    else if (part == GraphNode && Constant(file, tensor) is (string output, (int, int) constant))
                    {
                        found[output] = constant;
                    }
                }
            }
        }

        return found;
    }

    private static (string Name, (int Start, int Length) Data)? Constant(ReadOnlySpan<byte> file, (int Start, int Length) node)
    {
        string? output = null;
        bool isConstant = false;
        (int Start, int Length)? attribute = null;
        var reader = new Reader(file, node.Start, node.Length);
        while (reader.Next(out int field, out (int Start, int Length) content))
        {
            switch (field)
            {
                case NodeOutput:
                    output = Text(file, content);
                    break;
                case NodeOperator:
                    isConstant = Text(file, content) == "Constant";
                    break;
                case NodeAttribute:
                    attribute = content;
                    break;
            }
        }

        if (!isConstant || output is null || attribute is not (int, int) value)
        {
            return null;
        }

        var parts = new Reader(file, value.Start, value.Length);
        while (parts.Next(out int part, out (int Start, int Length) tensor))
        {
            if (part == AttributeTensor)
            {
                return Data(file, tensor).Bytes is (int, int) bytes ? (output, bytes) : null;
            }
        }

        return null;
    }

    private static (string Name, (int Start, int Length) Data)? Tensor(ReadOnlySpan<byte> file, (int Start, int Length) tensor) =>
        Data(file, tensor) is (string name, (int, int) bytes) ? (name, bytes) : null;

    private static (string? Name, (int Start, int Length)? Bytes) Data(ReadOnlySpan<byte> file, (int Start, int Length) tensor)
    {
        string? name = null;
        (int Start, int Length)? data = null;
        var reader = new Reader(file, tensor.Start, tensor.Length);
        while (reader.Next(out int field, out (int Start, int Length) content))
        {
            switch (field)
            {
                case TensorName:
                    name = Text(file, content);
                    break;
                case TensorRaw or TensorFloats when data is not null:
                    return (name, null); // In pieces.
                case TensorRaw or TensorFloats:
                    data = content;
                    break;
            }
        }

        return (name, data is { Length: > 0 } ? data : null);
    }

    private static string Text(ReadOnlySpan<byte> file, (int Start, int Length) content) => Encoding.UTF8.GetString(file.Slice(content.Start, content.Length));

    /// <summary>Goes over the fields of one message.</summary>
    private ref struct Reader(ReadOnlySpan<byte> file, int start, int length)
    {
        private readonly ReadOnlySpan<byte> _file = file;
        private readonly int _end = start + length;
        private int _position = start;

        /// <summary>Reads the next field; where the bytes of one that holds any lie.</summary>
        public bool Next(out int field, out (int Start, int Length) content)
        {
            (field, content) = (0, default);
            if (_position >= _end)
            {
                return false;
            }

            ulong tag = ReadVarint();
            field = (int)(tag >> 3);
            int kind = (int)(tag & 7);
            int bytes = kind switch
            {
                Varint => 0,
                Fixed64 => 8,
                Fixed32 => 4,
                Delimited => (int)Math.Min(ReadVarint(), int.MaxValue),
                _ => throw Broken(),
            };
            if (kind == Varint)
            {
                ReadVarint();
            }

            if (bytes > _end - _position)
            {
                throw Broken();
            }

            content = kind == Delimited ? (_position, bytes) : default;
            field = kind == Delimited ? field : -field;
            _position += bytes;
            return true;
        }

        private ulong ReadVarint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64 && _position < _end; shift += 7)
            {
                byte next = _file[_position++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }

            throw Broken();
        }

        private static OnnxFormatException Broken() => new("The bytes are no ONNX model, or are damaged. Fetch or export it again.");
    }
}
