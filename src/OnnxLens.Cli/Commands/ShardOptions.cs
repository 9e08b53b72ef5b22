using OnnxLens.Runtime;

namespace OnnxLens.Cli.Commands;

/// <summary>Options for shards and their devices, which must agree.</summary>
internal static class ShardOptions
{
    /// <summary>Refuses several devices for another number of shards.</summary>
    /// <exception cref="UsageException">They do not agree.</exception>
    public static void RequireAgreement(int? shards, IReadOnlyCollection<Device> devices)
    {
        if (shards is int count && devices.Count > 1 && devices.Count != count)
        {
            throw new UsageException($"{devices.Count} devices were named for {count} shards. Name one device for all, or one for each shard.");
        }
    }
}
