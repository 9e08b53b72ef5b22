using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Products;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Head;

/// <summary>The rows of the unembedding [V,H], as they are stored, mapped into memory. Owns the mapping; reads may run on several threads.</summary>
internal sealed unsafe class Unembedding : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly ElementType _type;
    private readonly byte* _first;

    private Unembedding(string path, ExternalData data, TensorProto weight, string normed)
    {
        Normed = normed;
        _type = (ElementType)weight.DataType;
        Rows = checked((int)weight.Dims[0]);
        Columns = checked((int)weight.Dims[1]);
        _map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        _view = _map.CreateViewAccessor(data.Offset, (long)Rows * Columns * _type.ByteSize(), MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _first = start + _view.PointerOffset;
    }

    /// <summary>The value of the head's graph that is multiplied with the unembedding: rows after the final norm.</summary>
    public string Normed { get; }

    /// <summary>Tokens, V.</summary>
    public int Rows { get; }

    /// <summary>Width of a row, H.</summary>
    public int Columns { get; }

    /// <summary>Finds and maps it.</summary>
    /// <exception cref="BundleException">The head does not multiply in single precision by one stored matrix, or its file cannot be read.</exception>
    public static Unembedding Open(LensBundle bundle)
    {
        string file = bundle.Manifest.Head.File;
        GraphProto graph = OnnxModelFile.Parse(bundle.Graph(file), file).Graph;
        NodeProto? product = Maker(graph, HeadPorts.Logits);
        TensorProto? weight = product is not null && StoredProducts.IsProduct(product) ? Stored(graph, product.Input[1]) : null;
        if (weight is null || bundle.Manifest.Precision != "fp32" || ExternalData.Read(weight) is not { } data)
        {
            throw new BundleException(
                $"The LM head '{file}' of '{bundle.Folder}' has no unembedding that candidates could be taken from. One of fp32, fp16 or bf16 weights that 'export' wrote for fp32 arithmetic was expected: export the checkpoint with '--precision fp32', or leave the candidates out.");
        }

        try
        {
            return new Unembedding(WeightPaths.RealPath(bundle.PathOf(data.Location)), data, weight, product!.Input[0]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"Cannot map the unembedding of '{bundle.Folder}' into memory: {failure.Message} Copy the bundle to a local disk.", failure);
        }
    }

    /// <summary>Copies the row of a token, widened to single precision, [H].</summary>
    public void Read(int id, Span<float> destination)
    {
        switch (_type)
        {
            case ElementType.Float:
                Row<float>(id).CopyTo(destination);
                break;
            case ElementType.Float16:
                TensorPrimitives.ConvertToSingle(Row<Half>(id), destination);
                break;
            default:
                Bf16Numbers.Widen(Row<ushort>(id), destination);
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    /// <summary>The stored matrix that a value is, or is cast from.</summary>
    private static TensorProto? Stored(GraphProto graph, string value)
    {
        string name = Maker(graph, value) is { OpType: "Cast" } cast ? cast.Input[0] : value;
        return graph.Initializer.FirstOrDefault(tensor =>
            tensor.Name == name && tensor.Dims.Count == 2 && (ElementType)tensor.DataType is ElementType.Float or ElementType.Float16 or ElementType.BFloat16);
    }

    private static NodeProto? Maker(GraphProto graph, string value) => graph.Node.FirstOrDefault(node => node.Output.Contains(value));

    private ReadOnlySpan<T> Row<T>(int id)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)Rows, nameof(id));
        return new ReadOnlySpan<T>(_first + ((long)id * Columns * sizeof(T)), Columns);
    }
}
