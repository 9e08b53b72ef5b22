using OnnxLens.Onnx.Proto;

namespace OnnxLens.Onnx;

/// <summary>Every tensor that a model holds, wherever it stands.</summary>
public static class ModelTensors
{
    /// <summary>
    /// All tensors: initializers, the parts of sparse ones, and tensors in node attributes; of the graph, of the bodies of
    /// If, Loop and Scan, and of model functions. In the order of the file.
    /// </summary>
    public static IEnumerable<TensorProto> All(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        IEnumerable<TensorProto> graph = model.Graph is null ? [] : OfGraph(model.Graph);
        return graph.Concat(model.Functions.SelectMany(function =>
            function.Node.SelectMany(OfNode).Concat(function.AttributeProto.SelectMany(OfAttribute))));
    }

    /// <summary>The tensors whose data lies in another file, in the order of the model file.</summary>
    public static IEnumerable<TensorProto> External(ModelProto model) =>
        All(model).Where(tensor => tensor.DataLocation == TensorProto.Types.DataLocation.External);

    /// <summary>The locations of all external data as they are written in the file, each once, in the order of first use.</summary>
    /// <exception cref="OnnxFormatException">A tensor with external data does not say in which file.</exception>
    public static IReadOnlyList<string> ExternalFiles(ModelProto model) =>
        [.. External(model).Select(tensor => LocationEntry(tensor).Value).Distinct(StringComparer.Ordinal)];

    /// <summary>The entry of external_data that names the file.</summary>
    internal static StringStringEntryProto LocationEntry(TensorProto tensor) =>
        tensor.ExternalData.FirstOrDefault(entry => entry.Key == "location")
        ?? throw new OnnxFormatException(
            $"Tensor '{tensor.Name}': external_data has no 'location'. Expected the name of the file with the data: export the model again.");

    private static IEnumerable<TensorProto> OfGraph(GraphProto graph) =>
        graph.Initializer
            .Concat(graph.SparseInitializer.SelectMany(OfSparse))
            .Concat(graph.Node.SelectMany(OfNode));

    private static IEnumerable<TensorProto> OfNode(NodeProto node) => node.Attribute.SelectMany(OfAttribute);

    private static IEnumerable<TensorProto> OfAttribute(AttributeProto attribute)
    {
        IEnumerable<TensorProto> tensors = attribute.T is null ? attribute.Tensors : attribute.Tensors.Prepend(attribute.T);
        IEnumerable<SparseTensorProto> sparse = attribute.SparseTensor is null
            ? attribute.SparseTensors
            : attribute.SparseTensors.Prepend(attribute.SparseTensor);
        IEnumerable<GraphProto> graphs = attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G);
        return tensors.Concat(sparse.SelectMany(OfSparse)).Concat(graphs.SelectMany(OfGraph));
    }

    private static IEnumerable<TensorProto> OfSparse(SparseTensorProto sparse) =>
        new[] { sparse.Values, sparse.Indices }.OfType<TensorProto>();
}
