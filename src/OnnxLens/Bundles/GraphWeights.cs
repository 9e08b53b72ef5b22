using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Bundles;

/// <summary>What the graphs of a bundle hold in memory as weights.</summary>
internal static class GraphWeights
{
    /// <summary>Bytes of the weights of every graph, each in a session of its own: floating-point ones in the type that is computed in, others as stored.</summary>
    /// <remarks>Tables that were worked out, such as rotary ones, and small constants are no weights.</remarks>
    /// <exception cref="BundleException">A graph cannot be read.</exception>
    public static long Bytes(LensBundle bundle)
    {
        BundleManifest manifest = bundle.Manifest;
        int size = TensorTypes.FromPrecision(manifest.Precision).ByteSize();
        HashSet<string> tables = [.. manifest.Files.Where(file => file.Role == FileRole.Tables).Select(file => file.Name)];
        return MemoryEstimate.Bounded(manifest.Shards.Select(shard => shard.File).Append(manifest.Head.File)
            .Aggregate(Int128.Zero, (sum, file) => sum + Bytes(bundle, file, size, tables)));
    }

    private static Int128 Bytes(LensBundle bundle, string file, int size, HashSet<string> tables)
    {
        try
        {
            return OnnxModelFile.Parse(bundle.Graph(file), file).Graph.Initializer
                .Aggregate(Int128.Zero, (sum, tensor) => sum + Bytes(tensor, size, tables));
        }
        catch (OnnxFormatException exception)
        {
            throw new BundleException($"The graph '{file}' of the bundle '{bundle.Folder}' cannot be read: {exception.Message} Make the bundle again.", exception);
        }
    }

    private static long Bytes(TensorProto tensor, int size, HashSet<string> tables)
    {
        ExternalData? data = ExternalData.Read(tensor);
        if (data is null ? tensor.RawData.Length < GraphBuilder.InlineLimit : tables.Contains(data.Location))
        {
            return 0;
        }

        return (ElementType)tensor.DataType is ElementType.Float or ElementType.Float16 or ElementType.BFloat16
            ? tensor.Dims.Aggregate((long)size, (product, dimension) => MemoryEstimate.Bounded((Int128)product * dimension))
            : data?.Length ?? tensor.RawData.Length;
    }
}
