using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Bundles;

/// <summary>What the graphs of a bundle hold in memory as weights, each graph in a session of its own.</summary>
/// <remarks>Tables that were worked out, such as rotary ones, and small constants are no weights.</remarks>
/// <param name="Bytes">Floating-point ones in the type that they are held in, others as stored.</param>
/// <param name="Widens">True where some are multiplied as they are stored, and a tile of them at a time is widened.</param>
internal sealed record GraphWeights(long Bytes, bool Widens)
{
    /// <summary>Reads the graphs.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="placement">Where each graph runs.</param>
    /// <exception cref="BundleException">A graph cannot be read.</exception>
    public static GraphWeights Of(LensBundle bundle, DevicePlacement placement)
    {
        BundleManifest manifest = bundle.Manifest;
        ElementType arithmetic = TensorTypes.FromPrecision(manifest.Precision);
        HashSet<string> tables = [.. manifest.Files.Where(file => file.Role == FileRole.Tables).Select(file => file.Name)];
        Int128 bytes = 0;
        bool widens = false;
        foreach ((string file, Device device) in manifest.Shards.Select(shard => shard.File).Append(manifest.Head.File).Zip(placement.Shards.Append(placement.Head)))
        {
            bool onCpu = device.Kind == DeviceKind.Cpu;
            foreach ((TensorProto tensor, bool multiplied, bool cast) in Weights(bundle, file, tables, onCpu))
            {
                var type = (ElementType)tensor.DataType;
                bool isReal = type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16;
                bool mayStay = onCpu && (multiplied || !cast); // What is cast otherwise is held as it was cast.
                bytes += isReal ? WeightMemory.Bytes(type, tensor.Dims, arithmetic, mayStay) : ExternalData.Read(tensor)?.Length ?? tensor.RawData.Length;
                widens |= multiplied;
            }
        }

        return new GraphWeights(MemoryEstimate.Bounded(bytes), widens);
    }

    /// <summary>Weights, whether they have 16 or fewer bits and are multiplied as they are stored, and whether they are cast.</summary>
    private static (TensorProto Tensor, bool Multiplied, bool Cast)[] Weights(LensBundle bundle, string file, HashSet<string> tables, bool onCpu)
    {
        try
        {
            GraphProto graph = OnnxModelFile.Parse(bundle.Graph(file), file).Graph;
            var view = new GraphView(graph);
            HashSet<string> multiplied = onCpu ? StoredProducts.NarrowWeights(view) : [];
            return
            [
                .. graph.Initializer
                    .Where(tensor => ExternalData.Read(tensor) is { } data ? !tables.Contains(data.Location) : tensor.RawData.Length >= GraphBuilder.InlineLimit)
                    .Select(tensor => (tensor, multiplied.Contains(tensor.Name), view.Consumers(tensor.Name).Any(node => node.OpType == "Cast"))),
            ];
        }
        catch (OnnxFormatException exception)
        {
            throw new BundleException($"The graph '{file}' of the bundle '{bundle.Folder}' cannot be read: {exception.Message} Make the bundle again.", exception);
        }
    }
}
