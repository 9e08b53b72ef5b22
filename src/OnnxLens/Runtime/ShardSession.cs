using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>One shard of the body, loaded on its device with exactly the outputs that can be captured. Owns its session.</summary>
internal sealed class ShardSession : IDisposable
{
    /// <summary>Loads the shard.</summary>
    /// <param name="factory">Makes the session.</param>
    /// <param name="entry">What the manifest says of the shard.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="stored">The stored hook points of the whole model that are captured; those of other shards are passed over.</param>
    public ShardSession(SessionFactory factory, ShardEntry entry, Device device, IEnumerable<HookPoint> stored)
    {
        Entry = entry;
        Device = device;
        Captures = [.. stored.Where(Holds).Select(point => (point, ValueOf(point)))];
        ImmutableArray<string> outputs =
        [
            .. Captures.Select(capture => capture.Value).Append(entry.HiddenOut).Distinct(),
            .. entry.Cache.Select(cache => cache.PresentKey),
            .. entry.Cache.Select(cache => cache.PresentValue),
        ];
        Session = new GuardedSession(factory.Create(entry.File, device, outputs), entry.File);
        Session.Require(
        [
            .. new[] { entry.InputIds, entry.HiddenIn, entry.PositionIds, entry.SeqLensK, entry.TotalSequenceLength }.OfType<string>(),
            .. entry.Cache.SelectMany(cache => new[] { cache.PastKey, cache.PastValue }),
        ],
        outputs);
    }

    /// <summary>What the manifest says of the shard.</summary>
    public ShardEntry Entry { get; }

    /// <summary>Where it runs.</summary>
    public Device Device { get; }

    /// <summary>The stored hook points of this shard that are captured, and their values' names.</summary>
    public ImmutableArray<(HookPoint Point, string Value)> Captures { get; }

    /// <summary>The session.</summary>
    public GuardedSession Session { get; }

    /// <summary>True where the hook point's layer is in this shard.</summary>
    public bool Holds(HookPoint point) =>
        point.Layer >= Entry.FirstLayer && point.Layer < Entry.FirstLayer + Entry.LayerCount;

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    private string ValueOf(HookPoint point) =>
        Entry.Sites.TryGetValue(point.ToString(), out string? value)
            ? value
            : throw new BundleException($"The bundle's shard '{Entry.File}' has no value for hook point '{point}'. It has: {string.Join(", ", Entry.Sites.Keys)}.");
}
