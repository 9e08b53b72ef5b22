using OnnxLens.Bundles;
using OnnxLens.Cli.Rendering;
using OnnxLens.Export;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Instrument;
using OnnxLens.Runtime;

namespace OnnxLens.Cli.Models;

/// <summary>Opens the bundle that a command is given; a checkpoint in its place is exported to the cache first, and an ONNX decoder is instrumented into it.</summary>
internal sealed class ModelSource(CliHost host, bool quiet, ProgressLine progress)
{
    private static readonly string[] Ends = ["--lm-head", "--embedding"];

    /// <summary>False where what the bundle says is enough.</summary>
    public bool WillRun { get; init; } = true;

    /// <summary>Opens a bundle, or the cached one of a checkpoint or an ONNX decoder.</summary>
    /// <param name="folder">A bundle, a checkpoint folder, or a folder or file with an ONNX decoder.</param>
    /// <param name="options">How the model will be opened: its devices say in what arithmetic a checkpoint is exported.</param>
    /// <param name="cancellation">Stops the export.</param>
    /// <param name="results">The files that the command will write.</param>
    /// <exception cref="OnnxLensException">The path is none of these, or cannot be opened or exported, or a result would replace a file of the model.</exception>
    public LensBundle Open(string folder, LensModelOptions options, CancellationToken cancellation, params IEnumerable<string> results)
    {
        LensBundle bundle = Find(folder, options, cancellation);
        OutputPaths.RequireApart(results, bundle.Paths);
        return bundle;
    }

    private LensBundle Read(string bundle, LensModelOptions options) => WillRun ? LensModel.Read(bundle, options) : LensBundle.Open(bundle);

    private LensBundle Find(string folder, LensModelOptions options, CancellationToken cancellation)
    {
        if (folder.Length == 0)
        {
            throw new UsageException("The name of the model is empty. Give a bundle, a checkpoint folder, or a folder or file with an ONNX decoder.");
        }

        switch (ModelPath.KindOf(folder))
        {
            case ModelKind.Bundle:
                return Read(folder, options);
            case ModelKind.Onnx:
                progress.Report("reading the graph");
                return Cached(folder, "an ONNX decoder", "instrumenting", options, CheckpointKey.Of(folder, options.Devices, options.ProviderLibrary is not null), target => Instrument(folder, target, options, cancellation));
        }

        progress.Report("reading the checkpoint");
        Checkpoint checkpoint = CheckpointReader.Read(folder);
        var export = new ExportOptions { Devices = options.Devices, ProviderLibrary = options.ProviderLibrary, Weights = WeightsMode.Reference };
        return Cached(folder, "a checkpoint", "exporting", options, CheckpointKey.Of(checkpoint, options.Devices), target => BundleExporter.Export(folder, target, export, progress, cancellation));
    }

    private ExportReport Instrument(string folder, string target, LensModelOptions options, CancellationToken cancellation)
    {
        try
        {
            return BundleInstrumenter.Instrument(folder, target, new InstrumentOptions { Devices = options.Devices, ProviderLibrary = options.ProviderLibrary, Weights = WeightsMode.Reference }, progress, cancellation);
        }
        catch (UnsupportedArchitectureException incomplete) when (MissingEnd(incomplete) is not null)
        {
            // The advice is of options that only one command has.
            throw new UnsupportedArchitectureException(
                $"{incomplete.Message} Instrument it first, and give the bundle: 'onnxlens instrument {folder} --out bundle {MissingEnd(incomplete)} path/to/checkpoint'.", incomplete);
        }
    }

    /// <summary>The option of 'instrument' that gives a graph the end that it was exported without; null where it was refused for another reason.</summary>
    private static string? MissingEnd(UnsupportedArchitectureException refusal) =>
        Ends.FirstOrDefault(option => refusal.Message.Contains($"'{option} ", StringComparison.Ordinal));

    private LensBundle Cached(string folder, string kind, string making, LensModelOptions options, CheckpointKey key, Func<string, ExportReport> make)
    {
        string place = Path.Combine(host.CacheFolder, key.Place);
        string target = Path.Combine(place, key.BundleName);
        if (OpenCached(target, options) is LensBundle cached)
        {
            Say($"'{folder}' is {kind}; using its bundle in the cache, {target}");
            return cached;
        }

        Say($"'{folder}' is {kind}; {making} it to the cache, {target}");
        RemoveStale(place, key);
        try
        {
            foreach (string note in make(target).Notes)
            {
                Say($"note: {note}");
            }
        }
        catch (OutputException) when (OpenCached(target, options) is not null)
        {
            // Another process made the same bundle at the same time.
        }
        catch (OutputException refusal)
        {
            throw new OutputException($"{refusal.Message} {StandardFolders.MovingCache}", refusal.Path, refusal);
        }
        finally
        {
            RemoveEmpty(place);
        }

        return Read(target, options);
    }

    /// <summary>The cached bundle; null where there is none, or one that no longer opens, which is then removed.</summary>
    private LensBundle? OpenCached(string target, LensModelOptions options)
    {
        if (!Directory.Exists(target))
        {
            return null;
        }

        try
        {
            return Read(target, options);
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

    /// <summary>Removes the place of a bundle that was not made in the end. What stands in the way of that is of no matter.</summary>
    private static void RemoveEmpty(string place)
    {
        try
        {
            if (Directory.Exists(place) && !Directory.EnumerateFileSystemEntries(place).Any())
            {
                Directory.Delete(place);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
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
