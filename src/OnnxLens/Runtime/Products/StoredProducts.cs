using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Has a graph multiply by weights as they are stored, where it would widen them to single precision first, or read them more slowly.</summary>
/// <remarks>
/// ONNX Runtime keeps a constant that was widened, in twice the memory of what is stored, and reads it in every step. What is changed are
/// rows times a stored [N,K], as <c>export</c> writes them: <c>FusedMatMul(x, w)</c> with <c>transB</c>, <c>FusedMatMul(x, Cast(w))</c>
/// where nothing else reads what is cast, and <c>MatMulNBits</c> (<see cref="QuantizedProducts"/>).
/// </remarks>
internal static class StoredProducts
{
    // Several rows are multiplied by pairs of outputs.
    private const int LeastOutputs = 2;

    // Sums of sizes stay within 32 bits.
    private const int MostSize = 1 << 30;

    /// <summary>Changes the graph of a session on the CPU.</summary>
    /// <param name="model">The graph, with the outputs that it is to have.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <returns>True where it has nodes of <see cref="StoredOperator"/> now.</returns>
    public static bool Apply(ModelProto model, int threads)
    {
        var view = new GraphView(model.Graph);
        StoredNode[] products = Find(view);
        if (products.Length == 0)
        {
            return false;
        }

        var done = new HashSet<NodeProto>(
            products.Where(product => product.Stored != ElementType.UInt8).Select(product => view.Producer(product.Node.Input[1])).OfType<NodeProto>(),
            ReferenceEqualityComparer.Instance);
        foreach (IGrouping<object, StoredNode> same in products.GroupBy(Together))
        {
            foreach (StoredNode[] group in same.Chunk(StoredOperator.MostProducts))
            {
                Replace(group, threads);
                done.UnionWith(group.Skip(1).Select(product => product.Node));
            }
        }

        KernelDomain.Replace(model, done);
        return true;
    }

    /// <summary>The weights that a graph multiplies by as they are stored: their names, and their columns.</summary>
    public static Dictionary<string, long> Weights(GraphView view) =>
        Find(view).DistinctBy(product => product.Weights[0]).ToDictionary(product => product.Weights[0], product => product.Columns, StringComparer.Ordinal);

    /// <summary>Whether rows are multiplied by such weights as they are stored.</summary>
    /// <param name="type">The type that they are stored in.</param>
    /// <param name="shape">[N,K].</param>
    public static bool Takes(ElementType type, IReadOnlyList<long> shape) =>
        KernelDomain.IsSupported && (type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16) && shape.Count == 2 && Fits(shape[0], shape[1]);

    /// <summary>Whether weights have a size [N,K] that products of ours can be of.</summary>
    public static bool Fits(long outputs, long columns) => outputs is >= LeastOutputs and <= MostSize && columns is > 0 and <= MostSize;

    /// <summary>Whether a node multiplies rows by a transposed matrix, its second input, and does nothing else.</summary>
    public static bool IsProduct(NodeProto node) =>
        node is { OpType: "FusedMatMul", Domain: GraphBuilder.MicrosoftDomain, Input.Count: 2, Attribute.Count: 1 }
        && node.Attribute[0] is { Name: "transB", I: 1 };

    private static StoredNode[] Find(GraphView view) => [.. view.Graph.Node.Select(node => Find(view, node)).OfType<StoredNode>()];

    private static StoredNode? Find(GraphView view, NodeProto node)
    {
        if (IsProduct(node))
        {
            return Stored(view, node.Input[1]) is { } weights && Takes((ElementType)weights.DataType, weights.Dims)
                ? new StoredNode(node, [weights.Name], (ElementType)weights.DataType, default, weights.Dims[0], weights.Dims[1])
                : null;
        }

        return QuantizedProducts.Find(view, node) is { } form ? QuantizedProducts.Of(node, form) : null;
    }

    /// <summary>The weights that a value is, or is cast from, where they can be multiplied as they are stored; else null.</summary>
    private static TensorProto? Stored(GraphView view, string value)
    {
        if (view.Producer(value) is { } producer)
        {
            return IsWidening(view, producer) ? Constant(view, producer.Input[0]) : null;
        }

        return Constant(view, value) is { } weights && weights.DataType == (int)ElementType.Float ? weights : null;
    }

    private static TensorProto? Constant(GraphView view, string value) => view.IsInput(value) ? null : view.Initializer(value);

    private static bool IsWidening(GraphView view, NodeProto node) =>
        node is { OpType: "Cast", Domain.Length: 0, Input.Count: 1, Output.Count: 1 }
        && node.Attribute.Any(attribute => attribute.Name == "to" && attribute.I == (long)ElementType.Float)
        && !view.IsOutput(node.Output[0])
        && view.Consumers(node.Output[0]).All(product => IsProduct(product) && product.Input[0] != node.Output[0]);

    /// <summary>What products have in common that are computed by one node: their threads then meet once, and not after each of them.</summary>
    private static object Together(StoredNode product) => (product.Rows, product.Stored, product.Form, product.Columns);

    /// <summary>Has the first node of a group compute all of its products.</summary>
    private static void Replace(StoredNode[] group, int threads)
    {
        StoredNode first = group[0];
        NodeProto node = first.Node;
        string[] results = [.. group.Select(product => product.Node.Output[0])];
        string[] inputs = [first.Rows, .. group.SelectMany(product => product.Weights.Concat(Enumerable.Repeat("", StoredOperator.InputsOfProduct - product.Weights.Length)))];
        node.Domain = KernelDomain.Name;
        node.OpType = StoredOperator.TypeName;
        node.Input.Clear();
        node.Input.AddRange(inputs[..(Array.FindLastIndex(inputs, input => input.Length > 0) + 1)]);
        node.Output.Clear();
        node.Output.AddRange(results);
        node.Attribute.Clear();
        node.Attribute.Add(Attributes.Int(StoredOperator.StoredName, (long)first.Stored));
        node.Attribute.Add(Attributes.Int(StoredOperator.ColumnsName, first.Columns));
        node.Attribute.Add(Attributes.Int(StoredOperator.ThreadsName, threads));
        node.Attribute.Add(Attributes.Int(StoredOperator.BitsName, first.Form.Bits));
        node.Attribute.Add(Attributes.Int(StoredOperator.BlockSizeName, first.Form.BlockSize));
        node.Attribute.Add(Attributes.Int(StoredOperator.ZeroPointsName, first.Form.HasZeroPoints ? 1 : 0));
        node.Attribute.AddRange(StoredOperator.OutputsNames.Select((name, i) => Attributes.Int(name, i < group.Length ? group[i].Outputs : 0)));
    }
}
