using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Bundling;

/// <summary>The files of a bundle that is being written, and what was written of them so far.</summary>
/// <param name="folder">A folder that exists and is empty.</param>
internal sealed class BundleContent(string folder)
{
    /// <summary>The LM head's graph.</summary>
    public const string HeadFile = "lm_head.onnx";

    private readonly List<FileEntry> _files = [];
    private readonly List<ModelProto> _graphs = [];

    /// <summary>Bytes written; what is only linked or referred to is not among them.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Every file so far.</summary>
    public ImmutableArray<FileEntry> Files => [.. _files];

    /// <summary>The distinct forms in which the graphs' weights are quantised.</summary>
    public ImmutableArray<Bundles.Quantization> Quantization => Quantizations.Of(_graphs);

    /// <summary>The files to which the graphs refer.</summary>
    public HashSet<string> Referred => [.. _graphs.SelectMany(ModelTensors.ExternalFiles)];

    /// <summary>A shard's file name.</summary>
    public static string ShardFile(int index) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"shard-{index}.onnx");

    /// <summary>Writes a graph.</summary>
    public void WriteGraph(string name, ModelProto model)
    {
        _graphs.Add(model);
        OnnxModelFile.Write(Path.Combine(folder, name), model);
        Written(name, FileRole.Graph);
    }

    /// <summary>Copies tokenizer files.</summary>
    public void CopyTokenizerFiles(string source, IEnumerable<string> names)
    {
        foreach (string name in names)
        {
            File.Copy(Path.Combine(source, name), Path.Combine(folder, name));
            Written(name, FileRole.Tokenizer);
        }
    }

    /// <summary>Brings in weight files, which are the last to come.</summary>
    public void Place(WeightPlacer placer)
    {
        _files.AddRange(placer.Place());
        BytesWritten += placer.BytesWritten;
    }

    /// <summary>Takes up a file that was written.</summary>
    public void Written(string name, FileRole role)
    {
        FileEntry entry = LensBundle.Describe(folder, name, role);
        _files.Add(entry);
        BytesWritten += entry.Bytes;
    }

    /// <summary>Writes the manifest, which lists the others.</summary>
    public void WriteManifest(BundleManifest manifest)
    {
        LensBundle.WriteManifest(folder, manifest);
        BytesWritten += new FileInfo(Path.Combine(folder, BundleManifest.FileName)).Length;
    }
}
