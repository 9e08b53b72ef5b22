using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Branches;
using OnnxLens.Runtime.Operators;

namespace OnnxLens.Runtime.Sessions;

/// <summary>One shard of the body, loaded on its device with exactly the outputs that can be captured. Owns its session.</summary>
internal sealed class ShardSession : IDisposable
{
    /// <summary>Loads the shard.</summary>
    /// <param name="factory">Makes the session.</param>
    /// <param name="entry">What the manifest says of the shard.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="handedOn">Values that the next shard is handed beside the residual stream.</param>
    /// <param name="request">What of the whole model is captured, steered and branched; what is in other shards is passed over.</param>
    public ShardSession(SessionFactory factory, ShardEntry entry, Device device, ImmutableArray<CarriedValue> handedOn, ShardRequest request)
    {
        Entry = entry;
        Device = device;
        ImmutableArray<HookPoint> stored = request.Captures;
        Operators = request.Operators;
        Captures = [.. stored.Where(Holds).Select(point => (point, ValueOf(point)))];
        ImmutableArray<string> outputs =
        [
            .. Captures.Select(capture => capture.Value).Append(entry.HiddenOut).Concat(handedOn.Select(value => value.From)).Distinct(),
            .. entry.Cache.Select(cache => cache.PresentKey),
            .. entry.Cache.Select(cache => cache.PresentValue),
        ];
        Session = factory.Create(entry.File, device, outputs, edit: model => Edit(model, request));
        Session.Require(
        [
            .. entry.Inputs.Append(PositionIds).OfType<string>(),
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

    /// <summary>The hook points with operator nodes, those of other shards among them, and what those can do.</summary>
    public IReadOnlyDictionary<HookPoint, OperatorNeeds> Operators { get; }

    /// <summary>The inputs by which the attention branches; null where it cannot, or was not asked to.</summary>
    public BranchPorts? Branches { get; private set; }

    /// <summary>The input of positions, or null.</summary>
    public string? PositionIds => Branches?.PositionIds ?? Entry.PositionIds;

    /// <summary>The session.</summary>
    public GuardedSession Session { get; }

    /// <summary>True where the hook point's layer is in this shard.</summary>
    public bool Holds(HookPoint point) =>
        point.Layer >= Entry.FirstLayer && point.Layer < Entry.FirstLayer + Entry.LayerCount;

    /// <summary>The name of a hook point's steering input.</summary>
    /// <exception cref="SelectionException">The bundle has none there.</exception>
    public string SteerPort(HookPoint point) =>
        Entry.Steer.TryGetValue(point.ToString(), out string? port)
            ? port
            : throw new SelectionException($"The bundle's shard '{Entry.File}' has no steering input at hook point '{point}'. It has: {string.Join(", ", Entry.Steer.Keys)}.");

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    private void Edit(ModelProto model, ShardRequest request)
    {
        foreach ((HookPoint point, OperatorNeeds needs) in Operators)
        {
            if (Holds(point))
            {
                OperatorNodes.Insert(model, point, SteerPort(point), ValueOf(point), needs, request.Type);
            }
        }

        if (request.Branches)
        {
            Branches = BranchAttention.Apply(model, Entry.PositionIds, request.HeadDim, request.Type);
        }
    }

    private string ValueOf(HookPoint point) =>
        Entry.Sites.TryGetValue(point.ToString(), out string? value)
            ? value
            : throw new BundleException($"The bundle's shard '{Entry.File}' has no value for hook point '{point}'. It has: {string.Join(", ", Entry.Sites.Keys)}.");
}
