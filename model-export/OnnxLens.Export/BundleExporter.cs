using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Bundling;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;

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
    /// <exception cref="InferenceException">The self-test failed.</exception>
    public static ExportReport Export(
        string checkpointFolder, string target, ExportOptions? options = null, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(checkpointFolder);
        ArgumentException.ThrowIfNullOrEmpty(target);
        options ??= new ExportOptions();
        string bundle = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        RequireFree(bundle);
        progress?.Report("reading the checkpoint");
        Checkpoint checkpoint = CheckpointReader.Read(checkpointFolder, new CheckpointReaderOptions { MaxLength = options.MaxLength });
        CheckTokenizer(checkpoint);
        ImmutableArray<Device> devices = options.DevicePerShard(checkpoint.Architecture.Facts.Layers);
        PrecisionChoice precision = PrecisionResolver.Resolve(options.Precision, devices, checkpoint.WeightType, QuantizationForms.Operators(options.Quantization, options.QuantizationScope));
        QuantizationPlan? quantization = options.Quantization is null
            ? null
            : new QuantizationPlan(checkpoint, options.Quantization, options.QuantizationScope, precision.Type);
        ExportReport? report = null;
        OutputException.NameRefusals(bundle, () => report = Write(checkpoint, bundle, devices, precision, quantization, options.Weights, progress, cancellation));
        return report!;
    }

    private static ExportReport Write(
        Checkpoint checkpoint, string bundle, ImmutableArray<Device> devices, PrecisionChoice precision, QuantizationPlan? quantization, WeightsMode weights,
        IProgress<string>? progress, CancellationToken cancellation)
    {
        string parent = Path.GetDirectoryName(bundle)!;
        Directory.CreateDirectory(parent);
        string temporary = Path.Combine(parent, $".{Path.GetFileName(bundle)}.{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(temporary);
        try
        {
            progress?.Report(quantization is null ? "writing graphs" : "quantising weights and writing graphs");
            var writer = new BundleWriter(checkpoint, temporary, precision, quantization, cancellation);
            (BundleManifest manifest, IReadOnlyList<string> notes) = writer.Write(devices, weights);
            progress?.Report("testing every graph");
            BundleSelfTest.Run(LensBundle.Open(temporary), cancellation);
            cancellation.ThrowIfCancellationRequested();
            Directory.Move(temporary, bundle);
            return new ExportReport(bundle, manifest, writer.BytesWritten, [.. precision.Notes, .. quantization is null ? [] : QuantizationForms.Notes(quantization.Form), .. notes]);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    private static void RequireFree(string bundle)
    {
        if (Directory.Exists(bundle) || File.Exists(bundle))
        {
            throw new OutputException($"'{bundle}' exists already. Remove it, or give another folder with '--out'.", bundle);
        }
    }

    private static void CheckTokenizer(Checkpoint checkpoint)
    {
        if (!Tokenizer.Exists(checkpoint.Folder))
        {
            return;
        }

        Tokenizer tokenizer = Tokenizer.Load(checkpoint.Folder);
        int rows = checkpoint.Architecture.Facts.VocabularySize;
        if (tokenizer.VocabularySize > rows)
        {
            throw new TokenizerException(
                $"The tokenizer in '{checkpoint.Folder}' has ids up to {tokenizer.VocabularySize - 1}, but the model's 'vocab_size' is {rows}. The tokenizer files belong to another model: replace them, or remove them and work with token ids.");
        }
    }

    private static void Discard(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to report; the leftover has a name that nothing reads.
        }
    }
}
