using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;

namespace OnnxLens.Export.Bundling;

/// <summary>Brings a checkpoint's weight files into a bundle: as links, copies or references.</summary>
internal sealed class WeightPlacer(Checkpoint checkpoint, IReadOnlySet<string> referred, string bundle, WeightsMode mode, CancellationToken cancellation)
{
    private const int CopyBytes = 1 << 20;

    private readonly List<string> _notes = [];

    /// <summary>What the user should know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Bytes that were copied.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Places every weight file that a graph refers to, and describes it for the manifest.</summary>
    public IEnumerable<FileEntry> Place()
    {
        WeightsMode actual = mode;
        var entries = new List<FileEntry>();
        foreach (string name in checkpoint.WeightFiles.Where(referred.Contains))
        {
            cancellation.ThrowIfCancellationRequested();
            string source = RealFile(Path.Combine(checkpoint.Folder, name));
            if (actual is WeightsMode.Auto or WeightsMode.Link
                && HardLink.TryCreate(Path.Combine(bundle, name), source) is string reason)
            {
                actual = Refused(reason, source);
            }

            if (actual == WeightsMode.Copy)
            {
                Copy(source, Path.Combine(bundle, name));
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
                $"'{source}' cannot be linked into the bundle: {reason}. Write the bundle to the checkpoint's own disk, or use '--weights copy' or '--weights reference'.", source);
        }

        _notes.Add($"The weights could not be linked ({reason}), so the bundle refers to them: '{checkpoint.Folder}' must stay where it is. '--weights copy' makes the bundle stand alone.");
        return WeightsMode.Reference;
    }

    private void Copy(string source, string target)
    {
        using FileStream from = File.OpenRead(source);
        using FileStream to = File.Create(target);
        byte[] buffer = new byte[CopyBytes];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            to.Write(buffer, 0, read);
            BytesWritten += read;
        }

        to.Flush(flushToDisk: true);
    }

    private static string RealFile(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
}
