using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Runtime.Sessions;

/// <summary>Whether the weights of a bundle's shards are repacked when they are loaded.</summary>
/// <remarks>
/// Products with quantised weights that are left to ONNX Runtime run fast only on weights that were repacked; without, each run widens them
/// to fp32 first. All shards are packed where one is, for packed and unpacked weights differ in bits and a model may be cut anywhere.
/// </remarks>
internal sealed class PackedShards(LensBundle bundle)
{
    private readonly Lazy<bool> _asStored = new(() => Find(bundle, asStored: true));
    private readonly Lazy<bool> _asWritten = new(() => Find(bundle, asStored: false));

    /// <summary>Whether they are.</summary>
    /// <param name="asStored">True where what can be is multiplied by products of ours.</param>
    public bool Are(bool asStored) => (asStored ? _asStored : _asWritten).Value;

    private static bool Find(LensBundle bundle, bool asStored) =>
        bundle.Manifest.Quantization.Any(form => form.BlockSize > 0) && bundle.Manifest.Shards.Any(shard => LeavesQuantized(bundle, shard.File, asStored));

    private static bool LeavesQuantized(LensBundle bundle, string file, bool asStored)
    {
        try
        {
            ModelProto model = OnnxModelFile.Parse(bundle.Graph(file), file);
            if (asStored)
            {
                StoredProducts.Apply(model, threads: 1);
            }

            return Quantizations.Multiplies(model);
        }
        catch (OnnxFormatException)
        {
            return false; // It is told where that shard is loaded.
        }
    }
}
