using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.Bundling;

/// <summary>Bytes of a model's weights by the part of the model that holds them.</summary>
/// <param name="Layers">Of each layer.</param>
/// <param name="Embedding">Of the embedding, which the first shard holds.</param>
/// <param name="Head">Of final norm and unembedding. A tied embedding counts here as well, for the LM head has a session of its own.</param>
internal sealed record WeightBytes(ImmutableArray<long> Layers, long Embedding, long Head)
{
    private static readonly string LayerPrefix = WeightNames.Layer(0, string.Empty)[..^2];

    /// <summary>Sums up.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="bytesOf">What a weight takes: as stored, or as computed with.</param>
    public static WeightBytes Of(Checkpoint checkpoint, Func<CheckpointTensor, long> bytesOf)
    {
        long[] layers = new long[checkpoint.Architecture.Facts.Layers];
        long embedding = 0;
        long head = 0;
        foreach (CheckpointTensor tensor in checkpoint.Tensors.Values)
        {
            long bytes = bytesOf(tensor);
            if (LayerOf(tensor.Name) is int layer)
            {
                layers[layer] += bytes;
            }
            else if (tensor.Name == WeightNames.Embedding)
            {
                embedding += bytes;
            }
            else
            {
                head += bytes;
            }
        }

        return new WeightBytes([.. layers], embedding, checkpoint.Architecture.Facts.TiedEmbedding ? head + embedding : head);
    }

    private static int? LayerOf(string name) => name.StartsWith(LayerPrefix, StringComparison.Ordinal)
        ? int.Parse(name.AsSpan(LayerPrefix.Length, name.IndexOf('.', LayerPrefix.Length) - LayerPrefix.Length), CultureInfo.InvariantCulture)
        : null;
}
