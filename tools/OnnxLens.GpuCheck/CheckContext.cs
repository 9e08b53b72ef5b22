using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Runtime;

namespace OnnxLens.GpuCheck;

/// <summary>The device that is checked, and where bundles for it are written.</summary>
internal sealed class CheckContext(Device device, string? library, string folder, CheckReport report, CancellationToken cancellation)
{
    private int _bundles;

    /// <summary>The device.</summary>
    public Device Device => device;

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

    /// <summary>Exports a checkpoint for the device; the export runs every graph there.</summary>
    public LensBundle Export(string checkpoint, Precision precision, int shards)
    {
        string target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"bundle-{_bundles++}"));
        BundleExporter.Export(
            checkpoint, target, new ExportOptions { Devices = [device], Shards = shards, Precision = precision, Weights = WeightsMode.Reference, ProviderLibrary = library }, null, cancellation);
        return LensBundle.Open(target);
    }
}
