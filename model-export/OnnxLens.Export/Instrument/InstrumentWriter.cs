using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Bundling;
using OnnxLens.Export.Families;
using OnnxLens.Export.Instrument.Cutting;
using OnnxLens.Export.Instrument.Finding;
using OnnxLens.Export.Instrument.Folders;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;

namespace OnnxLens.Export.Instrument;

/// <summary>Writes a bundle made of a foreign graph into a folder that exists and is empty.</summary>
internal sealed class InstrumentWriter(OnnxFolder source, Anatomy anatomy, ElementType type, string folder, CancellationToken cancellation)
{
    private readonly BundleContent _content = new(folder);
    private ImmutableDictionary<string, string> _names = ImmutableDictionary<string, string>.Empty;

    /// <summary>Bytes written so far; what is only linked or referred to is not among them.</summary>
    public long BytesWritten => _content.BytesWritten;

    /// <summary>Writes everything, the manifest last.</summary>
    /// <returns>The manifest, and what the user should know.</returns>
    public (BundleManifest Manifest, IReadOnlyList<string> Notes) Write(ModelFacts facts, CacheForm cache, ImmutableArray<Device> devices, WeightsMode weights)
    {
        _names = BundleNames(devices.Length);
        ModelProto model = source.Model.Clone();
        SiteValues sites = SteeringInserter.Insert(model.Graph, anatomy, type);
        var cutter = new ShardCutter(model, anatomy, sites, type);
        int[] sizes = ShardPlanner.Partition(new LayerWeights(anatomy).Bytes(), devices.Length);
        var shards = ImmutableArray.CreateBuilder<ShardEntry>();
        for (int i = 0, first = 0; i < sizes.Length; first += sizes[i++])
        {
            cancellation.ThrowIfCancellationRequested();
            (ModelProto shard, ShardEntry entry) = cutter.Cut(first, sizes[i], BundleContent.ShardFile(i), devices[i].ToString());
            WriteGraph(entry.File, shard);
            shards.Add(entry);
        }

        WriteGraph(BundleContent.HeadFile, new HeadCutter(anatomy, facts, type).Cut());
        _content.CopyTokenizerFiles(source.Path, source.TokenizerFiles);
        HashSet<string> referred = _content.Referred;
        var placer = new WeightPlacer(
            source.WeightFiles.Select(file => (_names[file.Key], file.Value)).Where(file => referred.Contains(file.Item1)), source.Path, folder, weights, cancellation);
        _content.Place(placer);
        var manifest = new BundleManifest
        {
            Schema = BundleManifest.CurrentSchema,
            Tool = Provenance.ThisTool,
            Model = facts,
            Precision = Precisions.Name(type),
            Parameters = new LayerWeights(anatomy).Parameters(),
            Quantization = _content.Quantization,
            Instrumented = true,
            Cache = cache,
            Shards = shards.ToImmutable(),
            Head = new HeadEntry { File = BundleContent.HeadFile, Device = devices[^1].ToString() },
            TokenizerFiles = source.TokenizerFiles,
            Files = _content.Files,
        };
        _content.WriteManifest(manifest);
        return (manifest, placer.Notes);
    }

    /// <summary>The name that each weight file has in the bundle, which is one folder: its own, unless something else there has it.</summary>
    private ImmutableDictionary<string, string> BundleNames(int shards)
    {
        HashSet<string> taken = [BundleContent.HeadFile, BundleManifest.FileName, .. source.TokenizerFiles, .. Enumerable.Range(0, shards).Select(BundleContent.ShardFile)];
        var names = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (string file in source.WeightFiles.Keys)
        {
            string name = Path.GetFileName(file);
            while (!taken.Add(name))
            {
                name = "weights-" + name;
            }

            names.Add(file, name);
        }

        return names.ToImmutable();
    }

    private void WriteGraph(string name, ModelProto model)
    {
        GraphEditor.MapExternalFiles(model, location => _names[location]);
        _content.WriteGraph(name, model);
    }
}
