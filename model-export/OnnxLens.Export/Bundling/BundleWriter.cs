using System.Collections.Immutable;
using Google.Protobuf;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Bundling;

/// <summary>Writes the files of a bundle into a folder that exists and is empty.</summary>
internal sealed class BundleWriter(Checkpoint checkpoint, string folder, PrecisionChoice precision, CancellationToken cancellation)
{
    private const string HeadFile = "lm_head.onnx";

    private readonly List<FileEntry> _files = [];

    /// <summary>Bytes written so far; what is only linked or referred to is not among them.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Writes everything, the manifest last.</summary>
    /// <returns>The manifest, and what the user should know.</returns>
    public (BundleManifest Manifest, IReadOnlyList<string> Notes) Write(ImmutableArray<Device> devices, WeightsMode weights)
    {
        RopeTableRefs rope = RopeTableFile.Write(folder, checkpoint.Architecture, precision.Type);
        Written(rope.File, FileRole.Tables);
        var shards = ImmutableArray.CreateBuilder<ShardEntry>();
        foreach (ShardPlan plan in ShardPlanner.Plan(checkpoint, devices))
        {
            cancellation.ThrowIfCancellationRequested();
            (ModelProto model, ShardEntry entry) = ShardGraph.Build(checkpoint, plan, precision.Type, rope);
            WriteGraph(plan.File, model);
            shards.Add(entry);
        }

        WriteGraph(HeadFile, LmHeadGraph.Build(checkpoint, precision.Type, HeadFile));
        CopyTokenizerFiles();
        var placer = new WeightPlacer(checkpoint, folder, weights, cancellation);
        _files.AddRange(placer.Place());
        BytesWritten += placer.BytesWritten;
        var manifest = new BundleManifest
        {
            Schema = BundleManifest.CurrentSchema,
            Tool = Provenance.ThisTool,
            Model = checkpoint.Architecture.Facts,
            Precision = precision.Name,
            Shards = shards.ToImmutable(),
            Head = new HeadEntry { File = HeadFile, Device = devices[^1].ToString() },
            TokenizerFiles = checkpoint.TokenizerFiles,
            Files = [.. _files],
        };
        LensBundle.WriteManifest(folder, manifest);
        BytesWritten += new FileInfo(Path.Combine(folder, BundleManifest.FileName)).Length;
        return (manifest, placer.Notes);
    }

    private void WriteGraph(string name, ModelProto model)
    {
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
