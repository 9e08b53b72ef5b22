using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Bundles;

/// <summary>What the graphs of a bundle hold in memory as weights, each graph in a session of its own.</summary>
/// <remarks>Tables that were worked out, such as rotary ones, and small constants are no weights.</remarks>
/// <param name="Bytes">Floating-point ones by <see cref="WeightMemory.Bytes"/>, others as stored.</param>
/// <param name="WidestColumns">The most columns of a matrix that is multiplied as it is stored; 0 where none is.</param>
internal sealed record GraphWeights(long Bytes, int WidestColumns)
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
        long widest = 0;
        foreach ((string file, Device device) in manifest.Shards.Select(shard => shard.File).Append(manifest.Head.File).Zip(placement.Shards.Append(placement.Head)))
        {
            bool onCpu = device.Kind == DeviceKind.Cpu;
            foreach (TensorProto tensor in Weights(bundle, file, tables))
            {
                var type = (ElementType)tensor.DataType;
                bool isReal = type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16;
                bytes += isReal ? WeightMemory.Bytes(type, tensor.Dims, arithmetic, onCpu) : ExternalData.Read(tensor)?.Length ?? tensor.RawData.Length;
                widest = isReal && WeightMemory.IsAsStored(type, tensor.Dims, arithmetic, onCpu) ? Math.Max(widest, tensor.Dims[1]) : widest;
            }
        }

        return new GraphWeights(MemoryEstimate.Bounded(bytes), (int)widest);
    }

    private static IEnumerable<TensorProto> Weights(LensBundle bundle, string file, HashSet<string> tables)
    {
        try
        {
            return OnnxModelFile.Parse(bundle.Graph(file), file).Graph.Initializer
                .Where(tensor => ExternalData.Read(tensor) is { } data ? !tables.Contains(data.Location) : tensor.RawData.Length >= GraphBuilder.InlineLimit);
        }
        catch (OnnxFormatException exception)
        {
            throw new BundleException($"The graph '{file}' of the bundle '{bundle.Folder}' cannot be read: {exception.Message} Make the bundle again.", exception);
        }
    }
}
