using OnnxLens.Onnx.Proto;
using AttributeType = OnnxLens.Onnx.Proto.AttributeProto.Types.AttributeType;
using DataType = OnnxLens.Onnx.Proto.TensorProto.Types.DataType;

namespace OnnxLens.Onnx.Tests.Reading;

/// <summary>Small protos for tests.</summary>
internal static class Protos
{
    internal static ModelProto Model(GraphProto graph) => new()
    {
        IrVersion = 10,
        Graph = graph,
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 21 }, new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 } },
    };

    internal static NodeProto Node(string name, string op, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { Name = name, OpType = op };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        return node;
    }

    internal static ValueInfoProto Info(string name, ElementType type = ElementType.Float, params object[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select(dim => dim is string text
            ? new TensorShapeProto.Types.Dimension { DimParam = text }
            : new TensorShapeProto.Types.Dimension { DimValue = (int)dim }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } } };
    }

    internal static TensorProto Floats(string name, params float[] values) =>
        new() { Name = name, DataType = (int)DataType.Float, Dims = { values.Length }, FloatData = { values } };

    internal static TensorProto External(string name, string location, long offset, params long[] dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float, Dims = { dims } };
        new ExternalData(location, offset, 4 * dims.Aggregate(1L, (a, b) => a * b)).WriteTo(tensor);
        return tensor;
    }

    internal static AttributeProto Body(string name, GraphProto graph) => new() { Name = name, Type = AttributeType.Graph, G = graph };

    internal static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    internal static AttributeProto Tensor(string name, TensorProto value) => new() { Name = name, Type = AttributeType.Tensor, T = value };

    /// <summary>x → Mul(x, w) = a → Relu = b → Add(b, c) = y; c = Add(x, d) where d is an input with a default; Neg(a) = dead.</summary>
    internal static GraphProto Diamond() => new()
    {
        Name = "diamond",
        Input = { Info("x", ElementType.Float, "n", 2), Info("d", ElementType.Float, 2) },
        Output = { Info("y", ElementType.Float, "n", 2) },
        Initializer = { Floats("w", 1, 2), Floats("d", 0, 0), Floats("unused", 3) },
        ValueInfo = { Info("a", ElementType.Float, "n", 2), Info("c", ElementType.Float, "n", 2), Info("dead", ElementType.Float, "n", 2) },
        Node =
        {
            Node("mul", "Mul", ["x", "w"], ["a"]),
            Node("relu", "Relu", ["a"], ["b"]),
            Node("shift", "Add", ["x", "d"], ["c"]),
            Node("neg", "Neg", ["a"], ["dead"]),
            Node("sum", "Add", ["b", "c"], ["y"]),
        },
    };

    /// <summary>If(cond): then Add(a, k) with a from outside and k inside, else a nested If that reads x from outside.</summary>
    internal static GraphProto Branches()
    {
        GraphProto then = new() { Name = "then", Initializer = { Floats("k", 1, 1) }, Node = { Node("add", "Add", ["a", "k"], ["t"]) }, Output = { Info("t") } };
        GraphProto deepThen = new() { Name = "deep_then", Node = { Node("id", "Identity", ["x"], ["u"]) }, Output = { Info("u") } };
        GraphProto deepElse = new() { Name = "deep_else", Node = { Node("neg", "Neg", ["a"], ["v"]) }, Output = { Info("v") } };
        GraphProto other = new()
        {
            Name = "else",
            Node = { Node("inner", "If", ["cond"], ["e"], Body("then_branch", deepThen), Body("else_branch", deepElse)) },
            Output = { Info("e") },
        };
        return new GraphProto
        {
            Name = "branches",
            Input = { Info("x", ElementType.Float, 2), Info("cond", ElementType.Bool) },
            Output = { Info("y", ElementType.Float, 2) },
            Node =
            {
                Node("relu", "Relu", ["x"], ["a"]),
                Node("if", "If", ["cond"], ["z"], Body("then_branch", then), Body("else_branch", other)),
                Node("out", "Identity", ["z"], ["y"]),
            },
        };
    }

    internal static string[] Names(IEnumerable<NodeProto> nodes) => [.. nodes.Select(node => node.Name)];
}
