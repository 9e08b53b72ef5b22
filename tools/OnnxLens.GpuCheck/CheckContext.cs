using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Runtime;

namespace OnnxLens.GpuCheck;

/// <summary>The device that is checked, and where bundles for it are written.</summary>
internal sealed class CheckContext(Device device, string? library, string folder, CheckReport report, CancellationToken cancellation)
{
    private int _bundles;

    /// <summary>The device.</summary>
    public Device Device => device;

    /// <summary>The provider that was given, or null.</summary>
    public string? Library => library;

    /// <summary>Takes what is found.</summary>
    public CheckReport Report => report;

    /// <summary>Stops between two checks.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>A folder of its own.</summary>
    public string Folder => folder;

    /// <summary>Loads the provider, and says what there is.</summary>
    public void Describe()
    {
        if (library is not null)
        {
            CudaProvider.Load(library);
        }

        ImmutableArray<int> ids = CudaProvider.DeviceIds();
        report.Hold("devices", ids.Contains(device.Index), $"{string.Join(", ", ids.Select(id => string.Create(CultureInfo.InvariantCulture, $"cuda:{id}")))}; {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}");
    }

    /// <summary>How a checkpoint is exported to so many shards on the device.</summary>
    public ExportOptions On(int shards) => new() { Devices = [device], Shards = shards, ProviderLibrary = library };

    /// <summary>Exports a checkpoint; the export runs every graph where it is for.</summary>
    public LensBundle Export(string checkpoint, ExportOptions options)
    {
        string target = NewBundle();
        BundleExporter.Export(checkpoint, target, options with { Weights = WeightsMode.Reference }, null, cancellation);
        return LensBundle.Open(target);
    }

    /// <summary>A folder for a bundle, which is not there yet.</summary>
    public string NewBundle() => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"bundle-{_bundles++}"));
}
