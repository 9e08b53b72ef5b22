using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Attention;
using OnnxLens.Runtime.Native;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Bundles;

/// <summary>What the graphs of a bundle hold in memory as weights, each graph in a session of its own, and what decides on what they take while they run.</summary>
/// <remarks>Tables that were worked out, such as rotary ones, and small constants are no weights.</remarks>
/// <param name="Bytes">Floating-point ones in the type that they are held in, others as stored.</param>
/// <param name="Tiles">True where products take tiles of some that are widened, filled up to whole steps or arranged.</param>
/// <param name="CopiedColumns">The most columns, filled up to whole steps, of the rows that a product copies; 0 where none does.</param>
/// <param name="KeepsScores">True where an attention keeps the scores of all heads and positions.</param>
internal sealed record GraphWeights(long Bytes, bool Tiles, int CopiedColumns, bool KeepsScores)
{
    /// <summary>What products of so many rows take meanwhile, at most.</summary>
    public long ProductBytes(long rows) => (Tiles ? WeightMemory.TileBytes : 0) + (sizeof(float) * RowArrangement.Padded(rows) * CopiedColumns);

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
        bool tiles = false;
        int copied = 0;
        bool keepsScores = false;
        foreach ((string file, Device device) in manifest.Shards.Select(shard => shard.File).Append(manifest.Head.File).Zip(placement.Shards.Append(placement.Head)))
        {
            bool ours = device.Kind == DeviceKind.Cpu && !manifest.RunsAsWritten;
            GraphView view = View(bundle, file);
            keepsScores |= file != manifest.Head.File && !(ours && AttentionNodes.TakesAll(view));
            foreach ((TensorProto tensor, int? columns, bool cast) in Weights(view, tables, ours))
            {
                var type = (ElementType)tensor.DataType;
                bool isReal = type is ElementType.Float or ElementType.Float16 or ElementType.BFloat16;
                bool mayStay = ours && (columns is not null || !cast); // What is cast otherwise is held as it was cast.
                bytes += isReal ? WeightMemory.Bytes(type, tensor.Dims, arithmetic, mayStay) : ExternalData.Read(tensor)?.Length ?? tensor.RawData.Length;
                if (columns is int count)
                {
                    bool copies = ProductJob.CopiesRows(count);
                    tiles |= copies || type != ElementType.Float;
                    copied = copies ? Math.Max(copied, ProductJob.Padded(count)) : copied;
                }
            }
        }

        return new GraphWeights(MemoryEstimate.Bounded(bytes), tiles, copied, keepsScores);
    }

    private static GraphView View(LensBundle bundle, string file)
    {
        try
        {
            return new GraphView(OnnxModelFile.Parse(bundle.Graph(file), file).Graph);
        }
        catch (OnnxFormatException exception)
        {
            throw new BundleException($"The graph '{file}' of the bundle '{bundle.Folder}' cannot be read: {exception.Message} Make the bundle again.", exception);
        }
    }

    /// <summary>Weights, their columns where they are multiplied as they are stored, and whether they are cast.</summary>
    private static (TensorProto Tensor, int? Columns, bool Cast)[] Weights(GraphView view, HashSet<string> tables, bool ours)
    {
        Dictionary<string, long> multiplied = ours ? StoredProducts.Weights(view) : [];
        return
        [
            .. view.Graph.Initializer
                .Where(tensor => ExternalData.Read(tensor) is { } data ? !tables.Contains(data.Location) : tensor.RawData.Length >= GraphBuilder.InlineLimit)
                .Select(tensor => (tensor, multiplied.TryGetValue(tensor.Name, out long columns) ? (int?)columns : null, view.Consumers(tensor.Name).Any(node => node.OpType == "Cast"))),
        ];
    }
}
