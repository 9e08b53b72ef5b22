using System.Collections.Immutable;
using OnnxLens.Runtime;

namespace OnnxLens.Export;

/// <summary>Which device each shard is made for.</summary>
internal static class ShardDevices
{
    /// <summary>The device of every shard.</summary>
    /// <param name="count">Number of shards; null is one for each device.</param>
    /// <param name="devices">One for all shards, or one for each; empty takes the usual one.</param>
    /// <param name="usual">The device where none is named.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <exception cref="SelectionException">Shards and devices do not agree, or the model has fewer layers than shards.</exception>
    public static ImmutableArray<Device> Of(int? count, ImmutableArray<Device> devices, Device usual, int layers)
    {
        int shards = count ?? Math.Max(1, devices.Length);
        if (shards < 1 || shards > layers)
        {
            throw new SelectionException($"'shards' is {shards}; the model has {layers} layers, so give 1 to {layers}.");
        }

        if (devices.Length > 1 && devices.Length != shards)
        {
            throw new SelectionException($"{devices.Length} devices were named for {shards} shards. Name one device for all, or one for each shard.");
        }

        return [.. Enumerable.Range(0, shards).Select(i => devices.IsEmpty ? usual : devices[devices.Length == 1 ? 0 : i])];
    }
}
