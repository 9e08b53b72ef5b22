using System.Collections.Immutable;
using Google.Protobuf;
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
    private const string HeadFile = "lm_head.onnx";

    private readonly List<FileEntry> _files = [];
    private readonly List<ModelProto> _graphs = [];

    /// <summary>Bytes written so far; what is only linked or referred to is not among them.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Writes everything, the manifest last.</summary>
    /// <returns>The manifest, and what the user should know.</returns>
    public (BundleManifest Manifest, IReadOnlyList<string> Notes) Write(ImmutableArray<Device> devices, WeightsMode weights)
    {
        RopeTableRefs rope = RopeTableFile.Write(folder, checkpoint.Architecture, precision.Type);
        Written(rope.File, FileRole.Tables);
        if (quantization is not null)
        {
            QuantizedFile.Write(checkpoint, quantization, folder, cancellation);
            Written(QuantizationPlan.FileName, FileRole.Weights);
        }

        var shards = ImmutableArray.CreateBuilder<ShardEntry>();
        foreach (ShardPlan plan in ShardPlanner.Plan(checkpoint, devices, quantization))
        {
            cancellation.ThrowIfCancellationRequested();
            (ModelProto model, ShardEntry entry) = ShardGraph.Build(checkpoint, plan, precision.Type, rope, quantization);
            WriteGraph(plan.File, model);
            shards.Add(entry);
        }

        WriteGraph(HeadFile, LmHeadGraph.Build(checkpoint, precision.Type, HeadFile, quantization));
        CopyTokenizerFiles();
        HashSet<string> referred = ReferredFiles();
        var placer = new WeightPlacer(
            checkpoint.WeightFiles.Where(referred.Contains).Select(name => (name, Path.Combine(checkpoint.Folder, name))), checkpoint.Folder, folder, weights, cancellation);
        _files.AddRange(placer.Place());
        BytesWritten += placer.BytesWritten;
        var manifest = new BundleManifest
        {
            Schema = BundleManifest.CurrentSchema,
            Tool = Provenance.ThisTool,
            Model = checkpoint.Architecture.Facts,
            Parameters = checkpoint.Tensors.Values.Sum(tensor => tensor.Bytes / tensor.Type.ByteSize()),
            Precision = precision.Name,
            Quantization = Quantizations.Of(_graphs),
            Shards = shards.ToImmutable(),
            Head = new HeadEntry { File = HeadFile, Device = devices[^1].ToString() },
            TokenizerFiles = checkpoint.TokenizerFiles,
            Files = [.. _files],
        };
        LensBundle.WriteManifest(folder, manifest);
        BytesWritten += new FileInfo(Path.Combine(folder, BundleManifest.FileName)).Length;
        return (manifest, placer.Notes);
    }

    /// <summary>The files that hold what the graphs did not hold themselves.</summary>
    private HashSet<string> ReferredFiles() =>
        [.. _graphs.SelectMany(model => model.Graph.Initializer).Select(tensor => ExternalData.Read(tensor)?.Location).OfType<string>()];

    private void WriteGraph(string name, ModelProto model)
    {
        _graphs.Add(model);
        using (FileStream stream = File.Create(Path.Combine(folder, name)))
        {
            model.WriteTo(stream);
            stream.Flush(flushToDisk: true);
        }

        Written(name, FileRole.Graph);
    }

    private void CopyTokenizerFiles()
    {
        foreach (string name in checkpoint.TokenizerFiles)
        {
            File.Copy(Path.Combine(checkpoint.Folder, name), Path.Combine(folder, name));
            Written(name, FileRole.Tokenizer);
        }
    }

    private void Written(string name, FileRole role)
    {
        FileEntry entry = LensBundle.Describe(folder, name, role);
        _files.Add(entry);
        BytesWritten += entry.Bytes;
    }
}
