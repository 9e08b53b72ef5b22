using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Bundling;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Genai;

/// <summary>Writes a folder that onnxruntime-genai runs as it is: out of a checkpoint, or out of a bundle that was exported from one.</summary>
/// <remarks>
/// A checkpoint is exported to a bundle first, which is tested as any other, and the folder is made of that bundle's graphs. So there is one
/// description of a block, and sites and steering inputs are in the folder's graphs as they are in the bundle's.
/// </remarks>
public static class GenaiExporter
{
    /// <summary>The graph's file where there is one for the whole model.</summary>
    public const string SingleFile = "model.onnx";

    /// <summary>Exports.</summary>
    /// <param name="source">A checkpoint's or a bundle's folder.</param>
    /// <param name="target">The folder to write; must not exist. It appears whole, checked, or not at all.</param>
    /// <param name="options">
    /// As for a bundle. More than one shard gives a <c>decoder.pipeline</c> with a graph for each and one for the LM head, else one graph. Of a
    /// bundle, shards are its own number (null) or 1, and length, precision and devices are its own. Weights by reference, and other devices than the CPU, are refused.
    /// </param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Stops; nothing is left behind.</param>
    /// <exception cref="CheckpointException">The checkpoint is incomplete or contradicts itself.</exception>
    /// <exception cref="UnsupportedArchitectureException">The model has a feature that is not built.</exception>
    /// <exception cref="BundleException">The bundle is damaged, or its graphs are not of the kind that this program exports.</exception>
    /// <exception cref="SelectionException">An option does not fit the source or the layout.</exception>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    /// <exception cref="InferenceException">The self-test failed.</exception>
    public static GenaiReport Export(
        string source, string target, ExportOptions? options = null, IProgress<string>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        options ??= new ExportOptions();
        string folder = BundleFolder.Free(target);
        RequireRunnable(options);
        return BundleFolder.Fill(folder, temporary => Write(source, folder, temporary, options, progress, cancellation));
    }

    /// <summary>Refuses options that this layout cannot have, whatever the source.</summary>
    /// <exception cref="SelectionException">Weights by reference, or another device than the CPU.</exception>
    public static void RequireRunnable(ExportOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Weights == WeightsMode.Reference)
        {
            throw new SelectionException("onnxruntime-genai reads weights from the model's own folder only, so they cannot be a reference. Use '--weights link' or '--weights copy'.");
        }

        if (options.Devices.FirstOrDefault(device => device != Device.Cpu) is { } device && device != default)
        {
            throw new SelectionException($"The layout for onnxruntime-genai is written for the CPU; '{device}' was asked for. Leave '--devices' out.");
        }
    }

    private static GenaiReport Write(
        string source, string folder, string temporary, ExportOptions options, IProgress<string>? progress, CancellationToken cancellation)
    {
        bool isBundle = LensBundle.Exists(source);
        string bundle = isBundle ? source : Path.Combine(temporary, "bundle");
        ImmutableArray<string> notes = isBundle
            ? []
            : BundleExporter.Export(source, bundle, options with { Weights = WeightsMode.Reference }, progress, cancellation).Notes;
        var opened = LensBundle.Open(bundle);
        if (isBundle) RequireFits(opened.Manifest, options);

        progress?.Report("writing the folder for onnxruntime-genai");
        var writer = new GenaiWriter(opened, source, temporary, options.Weights, mayMove: !isBundle, cancellation);
        ImmutableArray<string> files = writer.Write(asPipeline: (options.Shards ?? opened.Manifest.Shards.Length) > 1);
        if (!isBundle) Directory.Delete(bundle, recursive: true);

        progress?.Report("testing the folder");
        Check(temporary);
        GenaiTrial.Run(temporary, files, opened.Manifest, GenaiConfigs.Inputs(opened.Manifest), cancellation);
        return new GenaiReport(folder, opened.Manifest, files, writer.BytesWritten, [.. notes, .. writer.Notes]);
    }

    private static void RequireFits(BundleManifest manifest, ExportOptions options)
    {
        if (options.MaxLength is not null || options.Precision != default || options.Quantization is not null || !options.Devices.IsEmpty)
        {
            throw new SelectionException("The source is a bundle, whose longest sequence, precision and devices were settled when it was exported. Leave these options out, or give the checkpoint.");
        }

        if (options.Shards is int shards && shards != 1 && shards != manifest.Shards.Length)
        {
            throw new SelectionException($"'shards' is {shards}; the bundle has {manifest.Shards.Length}, so give that, or 1 for a single file. For another number give the checkpoint.");
        }

        if (manifest.Precision == Precisions.Name(ElementType.BFloat16))
        {
            throw new SelectionException("The bundle computes in bf16, which no kernel of the CPU does. Give the checkpoint, with '--precision fp32'.");
        }
    }

    private static void Check(string folder)
    {
        IReadOnlyList<string> findings = GenaiFolder.Check(folder);
        if (findings.Count > 0)
        {
            throw new BundleException($"The graphs do not fit what onnxruntime-genai expects, so nothing was written. Please report the source's config:\n  {string.Join("\n  ", findings)}");
        }
    }
}
