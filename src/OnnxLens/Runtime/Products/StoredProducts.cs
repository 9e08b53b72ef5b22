using System.Collections.Immutable;
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
        GraphProto graph = model.Graph;
        var view = new GraphView(graph);
        (NodeProto Product, TensorProto Weights)[] changed = Find(view);
        (NodeProto Product, QuantizedForm Form)[] quantised = FindQuantized(view);
        if (changed.Length + quantised.Length == 0)
        {
            return false;
        }

        HashSet<NodeProto> casts = [.. changed.Select(pair => view.Producer(pair.Product.Input[1])).OfType<NodeProto>()];
        foreach ((NodeProto product, TensorProto weights) in changed)
        {
            product.Input[1] = weights.Name;
            Replace(product, (ElementType)weights.DataType, default, weights.Dims[0], weights.Dims[1], threads);
        }

        foreach ((NodeProto product, QuantizedForm form) in quantised)
        {
            (long outputs, long columns) = QuantizedProducts.Sizes(product);
            QuantizedProducts.TrimInputs(product, form);
            Replace(product, ElementType.UInt8, form, outputs, columns, threads);
        }

        ImmutableArray<NodeProto> kept = [.. graph.Node.Where(node => !casts.Contains(node))];
        graph.Node.Clear();
        graph.Node.AddRange(kept);
        KernelDomain.Import(model);
        return true;
    }

    /// <summary>The weights that a graph multiplies by as they are stored: their names, and their columns.</summary>
    public static Dictionary<string, long> Weights(GraphView view) =>
        Find(view).Select(pair => (pair.Weights.Name, Columns: pair.Weights.Dims[1]))
            .Concat(FindQuantized(view).Select(pair => (Name: pair.Product.Input[1], QuantizedProducts.Sizes(pair.Product).Columns)))
            .DistinctBy(pair => pair.Name)
            .ToDictionary(pair => pair.Name, pair => pair.Columns, StringComparer.Ordinal);

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

    private static (NodeProto Product, TensorProto Weights)[] Find(GraphView view) =>
    [
        .. view.Graph.Node
            .Where(IsProduct)
            .Select(product => (Product: product, Weights: Stored(view, product.Input[1])!))
            .Where(pair => pair.Weights is not null && Takes((ElementType)pair.Weights.DataType, pair.Weights.Dims)),
    ];

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

    private static (NodeProto Product, QuantizedForm Form)[] FindQuantized(GraphView view) =>
    [
        .. view.Graph.Node
            .Select(node => (Product: node, Form: QuantizedProducts.Find(view, node)))
            .Where(pair => pair.Form is not null)
            .Select(pair => (pair.Product, pair.Form!.Value)),
    ];

    private static void Replace(NodeProto product, ElementType stored, QuantizedForm form, long outputs, long columns, int threads)
    {
        product.Domain = KernelDomain.Name;
        product.OpType = StoredOperator.TypeName;
        product.Attribute.Clear();
        product.Attribute.Add(Attributes.Int(StoredOperator.StoredName, (long)stored));
        product.Attribute.Add(Attributes.Int(StoredOperator.OutputsName, outputs));
        product.Attribute.Add(Attributes.Int(StoredOperator.ColumnsName, columns));
        product.Attribute.Add(Attributes.Int(StoredOperator.ThreadsName, threads));
        product.Attribute.Add(Attributes.Int(StoredOperator.BitsName, form.Bits));
        product.Attribute.Add(Attributes.Int(StoredOperator.BlockSizeName, form.BlockSize));
        product.Attribute.Add(Attributes.Int(StoredOperator.ZeroPointsName, form.HasZeroPoints ? 1 : 0));
    }
}
