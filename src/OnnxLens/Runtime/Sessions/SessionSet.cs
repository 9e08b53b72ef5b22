using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using OnnxLens.Bundles;
using OnnxLens.Runtime.Head;

namespace OnnxLens.Runtime.Sessions;

/// <summary>The sessions of a bundle: one per shard, and the LM head's. The caller disposes each.</summary>
/// <param name="Shards">By shard.</param>
/// <param name="Head">The LM head.</param>
internal sealed record SessionSet(ImmutableArray<ShardSession> Shards, LmHeadSession Head)
{
    /// <summary>Loads all of them, on the CPU at once: it takes one thread for each graph.</summary>
    /// <param name="factory">Makes the sessions.</param>
    /// <param name="manifest">The bundle's manifest.</param>
    /// <param name="placement">Where each runs.</param>
    /// <param name="request">What is captured, steered and branched.</param>
    /// <param name="openHead">Loads the LM head.</param>
    /// <exception cref="BundleException">A graph does not fit the manifest.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refuses a graph.</exception>
    public static SessionSet Open(SessionFactory factory, BundleManifest manifest, DevicePlacement placement, ShardRequest request, Func<LmHeadSession> openHead)
    {
        int shards = manifest.Shards.Length;
        bool onHost = placement.Shards.Append(placement.Head).All(device => device.Kind == DeviceKind.Cpu);
        var opened = new IDisposable?[shards + 1];
        var failures = new ExceptionDispatchInfo?[shards + 1];
        Parallel.For(0, shards + 1, new ParallelOptions { MaxDegreeOfParallelism = onHost ? Environment.ProcessorCount : 1 }, (i, loop) =>
        {
            try
            {
                opened[i] = i < shards ? OpenShard(i) : openHead();
            }
            catch (Exception exception)
            {
                failures[i] = ExceptionDispatchInfo.Capture(exception);
                loop.Break(); // Earlier graphs are still tried, so that the same failure is told every time.
            }
        });
        if (Array.Find(failures, failure => failure is not null) is { } first)
        {
            Array.ForEach(opened, item => item?.Dispose());
            first.Throw();
        }

        return new SessionSet([.. opened.Take(shards).Cast<ShardSession>()], (LmHeadSession)opened[shards]!);

        ShardSession OpenShard(int i)
        {
            ImmutableArray<CarriedValue> handedOn = i + 1 < shards ? manifest.Shards[i + 1].Carried : [];
            return new ShardSession(factory, manifest.Shards[i], placement.Shards[i], handedOn, request);
        }
    }
}
