using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Export;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>Opens the bundle that a command is given; a checkpoint in its place is exported to the cache first.</summary>
internal sealed class ModelSource(CliHost host, bool quiet, ProgressLine progress)
{
    /// <summary>True where the folder is a checkpoint and not a bundle.</summary>
    public static bool IsCheckpoint(string folder) => !LensBundle.Exists(folder) && File.Exists(Path.Combine(folder, "config.json"));

    /// <summary>Opens a bundle, or the cached one of a checkpoint.</summary>
    /// <param name="folder">A bundle or checkpoint folder.</param>
    /// <param name="options">How the model will be opened: its devices say in what arithmetic a checkpoint is exported.</param>
    /// <param name="cancellation">Stops the export.</param>
    /// <param name="results">The files that the command will write.</param>
    /// <exception cref="OnnxLensException">The folder is neither, or cannot be opened or exported, or a result would replace a file of the model.</exception>
    public LensBundle Open(string folder, LensModelOptions options, CancellationToken cancellation, params IEnumerable<string> results)
    {
        LensBundle bundle = Find(folder, options, cancellation);
        OutputPaths.RequireApart(results, bundle.Paths);
        return bundle;
    }

    private LensBundle Find(string folder, LensModelOptions options, CancellationToken cancellation)
    {
        if (folder.Length == 0)
        {
            throw new UsageException("The name of the bundle is empty. Give the folder that 'onnxlens export' wrote.");
        }

        if (!IsCheckpoint(folder))
        {
            return LensBundle.Open(folder);
        }

        progress.Report("reading the checkpoint");
        Checkpoint checkpoint = CheckpointReader.Read(folder);
        var key = CheckpointKey.Of(checkpoint, options.Devices);
        string place = Path.Combine(host.CacheFolder, key.Place);
        string target = Path.Combine(place, key.BundleName);
        if (OpenCached(target) is LensBundle cached)
        {
            Say($"'{folder}' is a checkpoint; using its bundle in the cache, {target}");
            return cached;
        }

        Say($"'{folder}' is a checkpoint; exporting it to the cache, {target}");
        RemoveStale(place, key);
        return Export(folder, target, options, cancellation);
    }

    private LensBundle Export(string folder, string target, LensModelOptions options, CancellationToken cancellation)
    {
        try
        {
            var export = new ExportOptions { Devices = options.Devices, Weights = WeightsMode.Reference };
            ExportReport report = BundleExporter.Export(folder, target, export, progress, cancellation);
            foreach (string note in report.Notes)
            {
                Say($"note: {note}");
            }
        }
        catch (OutputException) when (OpenCached(target) is not null)
        {
            // Another process made the same bundle at the same time.
        }

        return LensBundle.Open(target);
    }

    /// <summary>The cached bundle; null where there is none, or one that no longer opens, which is then removed.</summary>
    private static LensBundle? OpenCached(string target)
    {
        if (!Directory.Exists(target))
        {
            return null;
        }

        try
        {
            return LensBundle.Open(target);
        }
        catch (BundleException)
        {
            Remove(target);
            return null;
        }
    }

    private static void RemoveStale(string place, CheckpointKey key)
    {
        if (!Directory.Exists(place))
        {
            return;
        }

        foreach (string bundle in Directory.EnumerateDirectories(place).Where(path => LensBundle.Exists(path) && key.IsStale(Path.GetFileName(path))))
        {
            Remove(bundle);
        }
    }

    private static void Remove(string bundle) => OutputException.NameRefusals(bundle, () => Directory.Delete(bundle, recursive: true));

    private void Say(string message)
    {
        if (!quiet)
        {
            host.Note(message);
        }
    }
}
