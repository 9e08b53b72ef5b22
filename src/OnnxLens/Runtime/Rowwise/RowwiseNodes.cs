using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Runtime.Rowwise;

/// <summary>Has a graph compute norms and gates with operators of ours: a norm and the steering input that is added to it, and a gate's activation and product.</summary>
internal static class RowwiseNodes
{
    private const string NormType = "SimplifiedLayerNormalization";
    private const string AxisAttribute = "axis";
    private const string StashAttribute = "stash_type";

    /// <summary>Changes the graph of a session on the CPU.</summary>
    /// <param name="model">The graph, with products of ours (<see cref="StoredProducts"/>).</param>
    /// <param name="threads">Threads of the session.</param>
    /// <returns>True where it has nodes of <see cref="RmsNormOperator"/> or <see cref="GatedSiluOperator"/> now.</returns>
    public static bool Apply(ModelProto model, int threads)
    {
        if (!KernelDomain.IsSupported)
        {
            return false;
        }

        var view = new GraphView(model.Graph);
        var done = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        bool changed = false;
        foreach (NodeProto node in model.Graph.Node)
        {
            if (Width(view, node) is { } width)
            {
                ReplaceNorm(node, width, SteeringOf(view, node), done, threads);
                changed = true;
            }
            else if (Gate(view, node) is { } gate)
            {
                ReplaceGate(node, gate, threads);
                done.UnionWith([gate.Sigmoid, gate.Silu]);
                changed = true;
            }
        }

        if (changed)
        {
            KernelDomain.Replace(model, done);
        }

        return changed;
    }

    /// <summary>How many numbers a norm of ours is of that computes what a node does; null where there is none.</summary>
    /// <remarks>
    /// Rows have the type of the weights unless the graph tells another. Graphs of other programs tell it of inputs alone: were it asked for,
    /// the same norm would be ours where a model is cut before it, and ONNX Runtime's where it is not, with other bits.
    /// </remarks>
    private static long? Width(GraphView view, NodeProto node) =>
        node is { OpType: NormType, Domain.Length: 0, Input.Count: 2, Output.Count: 1 }
        && node.Attribute.All(attribute => attribute.Name is RmsNormOperator.EpsilonName
            || attribute is { Name: AxisAttribute, I: -1 } or { Name: StashAttribute, I: (long)ElementType.Float })
        && NodeAttributes.Float(node, RmsNormOperator.EpsilonName) is not null
        && TypeOfRows(view, node.Input[0]) is not (ElementType.Float16 or ElementType.BFloat16 or ElementType.Double)
            ? Width(view, node.Input[1])
            : null;

    /// <summary>The type that the graph tells of a value, or of what it is computed from, first operands first; undefined where it tells none.</summary>
    private static ElementType TypeOfRows(GraphView view, string value)
    {
        while (view.ElementTypeOf(value) == ElementType.Undefined && view.Producer(value) is { } producer)
        {
            if (producer.Domain == KernelDomain.Name)
            {
                return ElementType.Float;
            }

            if (producer.OpType == "Cast")
            {
                return (ElementType)(NodeAttributes.Int(producer, "to") ?? 0);
            }

            // A norm's result has the type of its weights.
            int operand = producer.OpType == NormType ? 1 : 0;
            if (producer.Input.Count <= operand)
            {
                return ElementType.Undefined;
            }

            value = producer.Input[operand];
        }

        return view.ElementTypeOf(value);
    }

    /// <summary>The length of constant weights, as they are or widened to single precision; else null.</summary>
    private static long? Width(GraphView view, string weights)
    {
        bool isWidened = view.Producer(weights) is { OpType: "Cast", Domain.Length: 0 } cast && NodeAttributes.Int(cast, "to") == (long)ElementType.Float;
        string stored = isWidened ? view.Producer(weights)!.Input[0] : weights;
        return !view.IsInput(stored) && view.Initializer(stored) is { Dims: [> 0 and <= int.MaxValue] } tensor && (isWidened || tensor.DataType == (int)ElementType.Float)
            ? tensor.Dims[0]
            : null;
    }

    /// <summary>The addition of a steering input to a norm, where nothing else reads the norm; else null.</summary>
    private static NodeProto? SteeringOf(GraphView view, NodeProto norm) =>
        OnlyReader(view, norm.Output[0]) is { OpType: "Add", Domain.Length: 0, Input.Count: 2 } add
        && IsSteeringInput(view, Other(add, norm.Output[0]))
        && view.TypeOf(norm.Input[0])?.TensorType?.Shape?.Dim.Count == 3
            ? add
            : null;

    /// <summary>An input of three dimensions that holds one number where nothing is fed.</summary>
    private static bool IsSteeringInput(GraphView view, string value) =>
        view.IsInput(value) && view.Initializer(value) is { DataType: (int)ElementType.Float, Dims: [1, 1, 1] };

    private static void ReplaceNorm(NodeProto norm, long width, NodeProto? steering, HashSet<NodeProto> done, int threads)
    {
        float epsilon = NodeAttributes.Float(norm, RmsNormOperator.EpsilonName)!.Value;
        if (steering is not null)
        {
            norm.Input.Add(Other(steering, norm.Output[0]));
            norm.Output[0] = steering.Output[0];
            done.Add(steering);
        }

        norm.Domain = KernelDomain.Name;
        norm.OpType = RmsNormOperator.TypeName;
        norm.Attribute.Clear();
        norm.Attribute.Add(Attributes.Int(RmsNormOperator.WidthName, width));
        norm.Attribute.Add(Attributes.Float(RmsNormOperator.EpsilonName, epsilon));
        norm.Attribute.Add(Attributes.Int(RmsNormOperator.SteeredName, steering is null ? 0 : 1));
        norm.Attribute.Add(Attributes.Int(RmsNormOperator.ThreadsName, threads));
    }

    /// <summary>What makes up gate · sigmoid(gate) · up, where gate and up are products of the same rows, and so of one shape.</summary>
    private static (string Gate, string Up, NodeProto Sigmoid, NodeProto Silu)? Gate(GraphView view, NodeProto node)
    {
        if (!IsProduct(node))
        {
            return null;
        }

        foreach (string value in node.Input.Where(value => OnlyReader(view, value) == node))
        {
            if (view.Producer(value) is { } silu && IsProduct(silu)
                && silu.Input.Select(view.Producer).FirstOrDefault(IsSigmoid) is { } sigmoid
                && Other(silu, sigmoid.Output[0]) == sigmoid.Input[0]
                && OnlyReader(view, sigmoid.Output[0]) == silu
                && SameShape(view, sigmoid.Input[0], Other(node, value)))
            {
                return (sigmoid.Input[0], Other(node, value), sigmoid, silu);
            }
        }

        return null;
    }

    private static bool IsProduct(NodeProto node) => node is { OpType: "Mul", Domain.Length: 0, Input.Count: 2 } && node.Input[0] != node.Input[1];

    private static bool IsSigmoid(NodeProto? node) => node is { OpType: "Sigmoid", Domain.Length: 0 };

    /// <summary>Whether one node of ours makes both, with as many outputs.</summary>
    private static bool SameShape(GraphView view, string gate, string up) =>
        view.Producer(gate) is { OpType: StoredOperator.TypeName, Domain: KernelDomain.Name } products
        && products.Output.IndexOf(up) is var index and >= 0
        && Outputs(products, index) == Outputs(products, products.Output.IndexOf(gate));

    private static long? Outputs(NodeProto products, int index) => NodeAttributes.Int(products, StoredOperator.OutputsNames[index]);

    private static void ReplaceGate(NodeProto node, (string Gate, string Up, NodeProto Sigmoid, NodeProto Silu) gate, int threads)
    {
        node.Domain = KernelDomain.Name;
        node.OpType = GatedSiluOperator.TypeName;
        node.Input.Clear();
        node.Input.AddRange([gate.Gate, gate.Up]);
        node.Attribute.Clear();
        node.Attribute.Add(Attributes.Int(GatedSiluOperator.ThreadsName, threads));
    }

    private static NodeProto? OnlyReader(GraphView view, string value) => !view.IsOutput(value) && view.Uses(value) is [{ Node: var reader }] ? reader : null;

    private static string Other(NodeProto node, string value) => node.Input[0] == value ? node.Input[1] : node.Input[0];
}
