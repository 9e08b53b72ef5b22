using System.Collections.Immutable;
using System.Runtime.Intrinsics.X86;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Runtime.Products;

/// <summary>Has a graph multiply by bf16 weights as they are stored, where it would widen them to single precision first.</summary>
/// <remarks>
/// ONNX Runtime keeps a constant that was widened, in twice the memory of what is stored, and reads it in every step. What is changed are
/// rows times a stored [N,K] that nothing else reads: <c>FusedMatMul(x, Cast(w))</c> with <c>transB</c>, as <c>export</c> writes it.
/// </remarks>
internal static class StoredProducts
{
    /// <summary>False where the processor lacks the instructions; then no weights are multiplied as they are stored.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Changes the graph of a session on the CPU.</summary>
    /// <param name="model">The graph, with the outputs that it is to have.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <returns>True where it has nodes of <see cref="StoredOperator"/> now.</returns>
    public static bool Apply(ModelProto model, int threads)
    {
        GraphProto graph = model.Graph;
        var view = new GraphView(graph);
        var widened = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (NodeProto cast in graph.Node.Where(node => Multiplied(view, node, threads)))
        {
            widened.Add(cast);
            TensorProto weights = view.Initializer(cast.Input[0])!;
            foreach (NodeProto product in view.Consumers(cast.Output[0]))
            {
                Replace(product, weights, threads);
            }
        }

        if (widened.Count == 0)
        {
            return false;
        }

        ImmutableArray<NodeProto> kept = [.. graph.Node.Where(node => !widened.Contains(node))];
        graph.Node.Clear();
        graph.Node.AddRange(kept);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = StoredOperator.DomainName, Version = 1 });
        return true;
    }

    /// <summary>Whether such weights are multiplied as they are stored.</summary>
    /// <param name="type">The type that they are stored in.</param>
    /// <param name="shape">Their sizes.</param>
    /// <param name="threads">Threads of the session.</param>
    public static bool Takes(ElementType type, IReadOnlyList<long> shape, int threads) =>
        IsSupported && type == ElementType.BFloat16 && shape.Count == 2 && SummingOrder.IsLarge(shape[0], shape[1], threads);

    /// <summary>Whether a node multiplies rows by a transposed matrix, its second input, and does nothing else.</summary>
    public static bool IsProduct(NodeProto node) =>
        node is { OpType: "FusedMatMul", Domain: GraphBuilder.MicrosoftDomain, Input.Count: 2, Attribute.Count: 1 }
        && node.Attribute[0] is { Name: "transB", I: 1 };

    private static bool Multiplied(GraphView view, NodeProto node, int threads) =>
        node is { OpType: "Cast", Domain.Length: 0, Input.Count: 1, Output.Count: 1 }
        && node.Attribute.Any(attribute => attribute.Name == "to" && attribute.I == (long)ElementType.Float)
        && view.Initializer(node.Input[0]) is { } weights
        && Takes((ElementType)weights.DataType, weights.Dims, threads)
        && !view.IsInput(node.Input[0])
        && !view.IsOutput(node.Output[0])
        && view.Consumers(node.Output[0]) is { Count: > 0 } products
        && products.All(product => IsProduct(product) && product.Input[0] != node.Output[0]);

    private static void Replace(NodeProto product, TensorProto weights, int threads)
    {
        product.Domain = StoredOperator.DomainName;
        product.OpType = StoredOperator.TypeName;
        product.Input[1] = weights.Name;
        product.Attribute.Clear();
        product.Attribute.Add(Attributes.Int(StoredOperator.OutputsName, weights.Dims[0]));
        product.Attribute.Add(Attributes.Int(StoredOperator.ColumnsName, weights.Dims[1]));
        product.Attribute.Add(Attributes.Int(StoredOperator.ThreadsName, threads));
    }
}
