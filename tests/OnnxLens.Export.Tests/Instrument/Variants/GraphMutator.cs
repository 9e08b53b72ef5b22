using Google.Protobuf.Collections;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Instrument.Variants;

/// <summary>Damages a graph at random places, as broken exporters and edits by hand do.</summary>
internal sealed class GraphMutator(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Damages a copy once to three times.</summary>
    /// <returns>The copy, and what was done.</returns>
    public (ModelProto Model, string What) Mutate(ModelProto model)
    {
        ModelProto copy = model.Clone();
        string[] done = [.. Enumerable.Range(0, 1 + (_random.Next(4) == 0 ? 2 : 0)).Select(_ => Once(copy))];
        return (copy, string.Join("; ", done));
    }

    private string Once(ModelProto model)
    {
        GraphProto graph = model.Graph;
        NodeProto node = Any(graph.Node);
        switch (_random.Next(16))
        {
            case 0:
                graph.Node.Remove(node);
                return $"dropped {node.OpType} {node.Name}";
            case 1 when node.Input.Count > 1:
                (int first, int second) = (_random.Next(node.Input.Count), _random.Next(node.Input.Count));
                (node.Input[first], node.Input[second]) = (node.Input[second], node.Input[first]);
                return $"swapped inputs {first} and {second} of {node.OpType} {node.Name}";
            case 2 when node.Input.Count > 0:
                NodeProto other = Any(graph.Node);
                int input = _random.Next(node.Input.Count);
                string value = other.Output.Count > 0 ? Any(other.Output) : "";
                node.Input[input] = value;
                return $"input {input} of {node.OpType} {node.Name} is '{value}' of {other.OpType}";
            case 3 when node.Input.Count > 0:
                int renamed = _random.Next(node.Input.Count);
                node.Input[renamed] += "x";
                return $"renamed input {renamed} of {node.OpType} {node.Name}";
            case 4 when node.Attribute.Count > 0:
                AttributeProto attribute = Any(node.Attribute);
                (attribute.I, attribute.F) = (Number(attribute.I), attribute.F * -3);
                return $"attribute {attribute.Name} of {node.OpType} {node.Name} is {attribute.I}, {attribute.F}";
            case 5 when node.Attribute.Count > 0:
                AttributeProto gone = Any(node.Attribute);
                node.Attribute.Remove(gone);
                return $"dropped attribute {gone.Name} of {node.OpType} {node.Name}";
            case 6 when graph.Initializer.Count > 0:
                TensorProto tensor = Any(graph.Initializer);
                graph.Initializer.Remove(tensor);
                return $"dropped initializer {tensor.Name}";
            case 7 when graph.Initializer.Count > 0:
                TensorProto cut = Any(graph.Initializer);
                Cut(cut);
                return $"cut initializer {cut.Name} to [{string.Join(", ", cut.Dims)}]";
            case 8:
                node.OpType = Any(graph.Node).OpType;
                return $"{node.Name} is a {node.OpType}";
            case 9 when node.Input.Count > 0:
                int kept = _random.Next(node.Input.Count);
                Keep(node.Input, kept);
                return $"kept {kept} inputs of {node.OpType} {node.Name}";
            case 10 when node.Input.Count > 0:
                int empty = _random.Next(node.Input.Count);
                node.Input[empty] = "";
                return $"emptied input {empty} of {node.OpType} {node.Name}";
            case 11 when graph.Input.Count > 1 && graph.Output.Count > 1:
                ValueInfoProto port = Any(_random.Next(2) == 0 ? graph.Input : graph.Output);
                graph.Input.Remove(port);
                graph.Output.Remove(port);
                return $"dropped port {port.Name}";
            case 12 when graph.Input.Count > 0:
                ValueInfoProto typed = Any(graph.Input);
                typed.Type ??= new TypeProto();
                typed.Type.TensorType ??= new TypeProto.Types.Tensor();
                typed.Type.TensorType.ElemType = 1 + _random.Next(16);
                return $"input {typed.Name} is of type {typed.Type.TensorType.ElemType}";
            case 13 when graph.Input.Count > 0 && graph.Output.Count > 0:
                ValueInfoProto shaped = Any(_random.Next(3) == 0 ? graph.Output : graph.Input);
                return Shape(shaped);
            case 14 when node.Output.Count > 0:
                int kept2 = _random.Next(node.Output.Count);
                Keep(node.Output, kept2);
                return $"kept {kept2} outputs of {node.OpType} {node.Name}";
            default:
                (node.Domain, string before) = (_random.Next(2) == 0 ? "my.company" : "com.microsoft", node.Domain);
                return $"{node.OpType} {node.Name} is of '{node.Domain}' instead of '{before}'";
        }
    }

    private string Shape(ValueInfoProto port)
    {
        TensorShapeProto? shape = port.Type?.TensorType?.Shape;
        if (shape is null || shape.Dim.Count == 0 || _random.Next(4) == 0)
        {
            if (port.Type?.TensorType is not null)
            {
                port.Type.TensorType.Shape = null;
            }

            return $"{port.Name} has no shape";
        }

        int axis = _random.Next(shape.Dim.Count);
        if (_random.Next(2) == 0)
        {
            shape.Dim.RemoveAt(axis);
            return $"{port.Name} lacks axis {axis}";
        }

        shape.Dim[axis] = new TensorShapeProto.Types.Dimension { DimValue = _random.Next(-1, 40) };
        return $"axis {axis} of {port.Name} is {shape.Dim[axis].DimValue}";
    }

    private void Cut(TensorProto tensor)
    {
        if (tensor.Dims.Count > 0 && _random.Next(2) == 0)
        {
            tensor.Dims[_random.Next(tensor.Dims.Count)] = _random.Next(-1, 4);
        }
        else if (tensor.Dims.Count > 0 && tensor.Dims[0] > 1 && tensor.RawData.Length > 0)
        {
            // A sound tensor of half the rows.
            long rows = tensor.Dims[0] / 2;
            int bytes = (int)(tensor.RawData.Length / tensor.Dims[0] * rows);
            tensor.Dims[0] = rows;
            tensor.RawData = Google.Protobuf.ByteString.CopyFrom(tensor.RawData.Span[..bytes]);
        }
        else
        {
            tensor.DataType = 1 + _random.Next(12);
        }
    }

    private long Number(long value) => _random.Next(6) switch
    {
        0 => 0,
        1 => -value,
        2 => value + 1,
        3 => long.MaxValue,
        4 => -1,
        _ => value ^ 1,
    };

    private T Any<T>(RepeatedField<T> list) => list[_random.Next(list.Count)];

    private static void Keep(RepeatedField<string> list, int count)
    {
        while (list.Count > count)
        {
            list.RemoveAt(list.Count - 1);
        }
    }
}
