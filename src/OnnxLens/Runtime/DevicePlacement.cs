using System.Collections.Immutable;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>Which device each shard and the LM head run on.</summary>
/// <param name="Shards">One device per shard, in order.</param>
/// <param name="Head">The LM head's device.</param>
public sealed record DevicePlacement(ImmutableArray<Device> Shards, Device Head)
{
    /// <summary>The placement a bundle was exported for.</summary>
    public static DevicePlacement FromManifest(BundleManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new([.. manifest.Shards.Select(shard => Device.Parse(shard.Device))], Device.Parse(manifest.Head.Device));
    }

    /// <summary>Places the shards of a bundle on the given devices: one for all, or one for each shard. The head goes with the last shard.</summary>
    /// <exception cref="SelectionException">The number of devices is neither one nor that of the shards.</exception>
    public static DevicePlacement Spread(BundleManifest manifest, IReadOnlyList<Device> devices)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(devices);
        int shards = manifest.Shards.Length;
        if (devices.Count != 1 && devices.Count != shards)
        {
            throw new SelectionException(
                $"{devices.Count} devices were named for a bundle of {shards} shard(s). Name one device for all shards, or {shards} with commas.");
        }

        return new([.. Enumerable.Range(0, shards).Select(i => devices[devices.Count == 1 ? 0 : i])], devices[^1]);
    }

    /// <summary>Every device named, shards first, as text.</summary>
    public ImmutableArray<string> Names => [.. Shards.Append(Head).Select(device => device.ToString())];

    /// <summary>Refuses a placement that this machine and build cannot run.</summary>
    /// <param name="providerLibrary">As <see cref="LensModelOptions.ProviderLibrary"/>.</param>
    /// <exception cref="InferenceException">A CUDA device is named that is not there, or no CUDA provider is, or the library given cannot be loaded.</exception>
    public void EnsureAvailable(string? providerLibrary)
    {
        if (providerLibrary is not null)
        {
            CudaProvider.Load(providerLibrary);
        }

        foreach (Device device in Shards.Append(Head).Where(device => device.Kind == DeviceKind.Cuda))
        {
            CudaProvider.Find(device);
        }
    }
}
