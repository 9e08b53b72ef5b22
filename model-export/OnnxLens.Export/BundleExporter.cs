using OnnxLens.Bundles;
using OnnxLens.Export.Bundling;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Runtime;

namespace OnnxLens.Export;

/// <summary>Turns a Hugging Face checkpoint into a lens bundle: graphs that show every site, over the checkpoint's own weight files.</summary>
public static class BundleExporter
{
    /// <summary>Exports.</summary>
    /// <param name="checkpointFolder">Folder with config.json and .safetensors weights.</param>
    /// <param name="target">The bundle's folder; must not exist. It appears whole, tested, or not at all.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <exception cref="CheckpointException">The checkpoint is incomplete or contradicts itself.</exception>
    /// <exception cref="UnsupportedArchitectureException">The model has a feature that is not built.</exception>
    /// <exception cref="SelectionException">An option does not fit the model.</exception>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    /// <exception cref="InferenceException">A device is not to be had, or the self-test failed.</exception>
    public static ExportReport Export(
        string checkpointFolder, string target, ExportOptions? options = null, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(checkpointFolder);
        ArgumentException.ThrowIfNullOrEmpty(target);
        options ??= new ExportOptions();
        string bundle = BundleFolder.Free(target);
        progress?.Report("reading the checkpoint");
        Checkpoint checkpoint = CheckpointReader.Read(checkpointFolder, new CheckpointReaderOptions { MaxLength = options.MaxLength });
        TokenizerCheck.Require(checkpoint.Folder, checkpoint.Architecture.Facts.VocabularySize);
        ExportChoices choices = ExportChoices.Of(checkpoint, options);
        new DevicePlacement(choices.Devices, choices.Devices[^1]).EnsureAvailable(options.ProviderLibrary); // Before weights are written.
        return Write(checkpoint, bundle, choices, options, progress, cancellation);
    }

    private static ExportReport Write(
        Checkpoint checkpoint, string bundle, ExportChoices choices, ExportOptions options, IProgress<string>? progress, CancellationToken cancellation)
    {
        return BundleFolder.Fill(bundle, temporary =>
        {
            progress?.Report(choices.Quantization is null ? "writing graphs" : "quantising weights and writing graphs");
            var writer = new BundleWriter(checkpoint, temporary, choices.Precision, choices.Quantization, cancellation);
            (BundleManifest manifest, IReadOnlyList<string> notes) = writer.Write(choices.Devices, options.Weights);
            progress?.Report("testing every graph");
            BundleSelfTest.Run(LensBundle.Open(temporary), cancellation);
            cancellation.ThrowIfCancellationRequested();
            return new ExportReport(bundle, manifest, writer.BytesWritten, [.. choices.Notes, .. notes]);
        });
    }
}
