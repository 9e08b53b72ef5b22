using OnnxLens.Bundles;

namespace OnnxLens.Export.Bundling;

/// <summary>Brings weight files into a bundle: as links, copies or references.</summary>
/// <param name="files">The name of each file in the bundle, and where it lies.</param>
/// <param name="origin">The folder that they come from, for messages.</param>
/// <param name="bundle">The bundle's folder.</param>
/// <param name="mode">How.</param>
/// <param name="cancellation">Stops between and within files.</param>
internal sealed class WeightPlacer(IEnumerable<(string Name, string Source)> files, string origin, string bundle, WeightsMode mode, CancellationToken cancellation)
{
    private readonly List<string> _notes = [];

    /// <summary>What the user should know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Bytes that were copied.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Places every file, and describes it for the manifest.</summary>
    public IEnumerable<FileEntry> Place()
    {
        WeightsMode actual = mode;
        var entries = new List<FileEntry>();
        foreach ((string name, string path) in files)
        {
            cancellation.ThrowIfCancellationRequested();
            string source = DataFile.RealPath(path);
            if (actual is WeightsMode.Auto or WeightsMode.Link
                && HardLink.TryCreate(Path.Combine(bundle, name), source) is string reason)
            {
                actual = Refused(reason, source);
            }

            if (actual == WeightsMode.Copy)
            {
                BytesWritten += DataFile.Copy(source, Path.Combine(bundle, name), cancellation);
            }

            entries.Add(LensBundle.Describe(bundle, name, FileRole.Weights, actual == WeightsMode.Reference ? source : null));
        }

        return entries;
    }

    private WeightsMode Refused(string reason, string source)
    {
        if (mode == WeightsMode.Link)
        {
            throw new OutputException(
                $"'{source}' cannot be linked into the bundle: {reason}. Write the bundle to the disk of the weights, or use '--weights copy' or '--weights reference'.", source);
        }

        _notes.Add($"The weights could not be linked ({reason}), so the bundle refers to them: '{origin}' must stay where it is. '--weights copy' makes the bundle stand alone.");
        return WeightsMode.Reference;
    }
}
