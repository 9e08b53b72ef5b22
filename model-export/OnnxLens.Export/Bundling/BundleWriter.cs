using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Graphs;
using OnnxLens.Export.Quantization;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Bundling;

/// <summary>Writes the files of a bundle into a folder that exists and is empty.</summary>
internal sealed class BundleWriter(Checkpoint checkpoint, string folder, PrecisionChoice precision, QuantizationPlan? quantization, CancellationToken cancellation)
{
    private readonly BundleContent _content = new(folder);

    /// <summary>Bytes written so far; what is only linked or referred to is not among them.</summary>
    public long BytesWritten => _content.BytesWritten;

    /// <summary>Writes everything, the manifest last.</summary>
    /// <returns>The manifest, and what the user should know.</returns>
    public (BundleManifest Manifest, IReadOnlyList<string> Notes) Write(ImmutableArray<Device> devices, WeightsMode weights)
    {
        RopeTableRefs rope = RopeTableFile.Write(folder, checkpoint.Architecture, precision.Type);
        _content.Written(rope.File, FileRole.Tables);
        if (quantization is not null)
        {
            QuantizedFile.Write(checkpoint, quantization, folder, cancellation);
            _content.Written(QuantizationPlan.FileName, FileRole.Weights);
        }

        var shards = ImmutableArray.CreateBuilder<ShardEntry>();
        foreach (ShardPlan plan in ShardPlanner.Plan(checkpoint, devices, quantization))
        {
            cancellation.ThrowIfCancellationRequested();
            (ModelProto model, ShardEntry entry) = ShardGraph.Build(checkpoint, plan, precision.Type, rope, quantization);
            _content.WriteGraph(plan.File, model);
            shards.Add(entry);
        }

        _content.WriteGraph(BundleContent.HeadFile, LmHeadGraph.Build(checkpoint, precision.Type, BundleContent.HeadFile, quantization));
        _content.CopyTokenizerFiles(checkpoint.Folder, checkpoint.TokenizerFiles);
        HashSet<string> referred = _content.Referred;
        var placer = new WeightPlacer(
            checkpoint.WeightFiles.Where(referred.Contains).Select(name => (name, Path.Combine(checkpoint.Folder, name))), checkpoint.Folder, folder, weights, cancellation);
        _content.Place(placer);
        var manifest = new BundleManifest
        {
            Schema = BundleManifest.CurrentSchema,
            Tool = Provenance.ThisTool,
            Model = checkpoint.Architecture.Facts,
            Parameters = checkpoint.Tensors.Values.Sum(tensor => tensor.Bytes / tensor.Type.ByteSize()),
            Precision = precision.Name,
            Quantization = _content.Quantization,
            Shards = shards.ToImmutable(),
            Head = new HeadEntry { File = BundleContent.HeadFile, Device = devices[^1].ToString() },
            TokenizerFiles = checkpoint.TokenizerFiles,
            Files = _content.Files,
        };
        _content.WriteManifest(manifest);
        return (manifest, placer.Notes);
    }
}
