using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Bundling;
using OnnxLens.Onnx;
using OnnxLens.Tokenization;

namespace OnnxLens.Export.Genai;

/// <summary>Writes the files of a folder for onnxruntime-genai into one that exists and is empty.</summary>
/// <param name="bundle">The graphs and weights.</param>
/// <param name="source">The folder whose configs name the special ids: the checkpoint, or the bundle.</param>
/// <param name="folder">Where to write.</param>
/// <param name="weights">How the folder gets the weights: linked (or, where only <see cref="WeightsMode.Auto"/> was asked for, copied if they cannot be), or copied.</param>
/// <param name="mayMove">True where the bundle was made for this alone, so that its own data files can be taken from it.</param>
/// <param name="cancellation">Stops between files and within copies.</param>
internal sealed class GenaiWriter(LensBundle bundle, string source, string folder, WeightsMode weights, bool mayMove, CancellationToken cancellation)
{
    /// <summary>What onnxruntime-genai's own tokenizer reads.</summary>
    private static readonly string[] TokenizerFiles = ["tokenizer.json", "tokenizer_config.json"];

    private readonly List<string> _notes = [];

    /// <summary>Bytes written so far; what is only linked is not among them.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>What the user should know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Writes everything.</summary>
    /// <returns>The graphs' file names in the order they run.</returns>
    public ImmutableArray<string> Write(bool asPipeline)
    {
        GenaiConfig.InputNames inputs = GenaiConfigs.Inputs(bundle.Manifest);
        var graphs = new GenaiGraphs(bundle, inputs);
        ImmutableArray<GenaiGraph> written = asPipeline ? graphs.Stages() : [graphs.Single(GenaiExporter.SingleFile)];
        foreach (GenaiGraph graph in written)
        {
            string path = Path.Combine(folder, graph.File);
            OnnxModelFile.Write(path, graph.Model);
            BytesWritten += new FileInfo(path).Length;
        }

        GenaiConfigs.Make(bundle.Manifest.Model, Ids(), inputs, written).Write(folder);
        BytesWritten += new FileInfo(Path.Combine(folder, GenaiConfig.FileName)).Length;
        PlaceData();
        CopyTokenizer();
        return [.. written.Select(graph => graph.File)];
    }

    private SpecialIds Ids()
    {
        int? bos = Tokenizer.Exists(bundle.Folder) ? Tokenizer.Load(bundle.Folder).BosId : null;
        SpecialIds ids = SpecialIds.Read(source, bundle.Manifest.Model.EndOfSequenceIds, bundle.Manifest.Model.VocabularySize, bos);
        if (ids.Note is { } note) _notes.Add(note);
        return ids;
    }

    private void PlaceData()
    {
        WeightsMode mode = weights;
        foreach (FileEntry file in bundle.Manifest.Files.Where(file => file.Role is FileRole.Weights or FileRole.Tables))
        {
            cancellation.ThrowIfCancellationRequested();
            string data = DataFile.RealPath(bundle.PathOf(file.Name));
            string target = Path.Combine(folder, file.Name);
            if (mayMove && file.Location is null)
            {
                File.Move(data, target);
                BytesWritten += file.Bytes;
                continue;
            }

            if (mode != WeightsMode.Copy && HardLink.TryCreate(target, data) is string reason) mode = Refused(reason, data);
            if (mode == WeightsMode.Copy) BytesWritten += DataFile.Copy(data, target, cancellation);
        }
    }

    private WeightsMode Refused(string reason, string data)
    {
        if (weights == WeightsMode.Link)
        {
            throw new OutputException($"'{data}' cannot be linked into the folder: {reason}. Write the folder to the weights' own disk, or use '--weights copy'.", data);
        }

        _notes.Add($"The weights could not be linked ({reason}), so they were copied.");
        return WeightsMode.Copy;
    }

    private void CopyTokenizer()
    {
        foreach (string name in bundle.Manifest.TokenizerFiles)
        {
            File.Copy(Path.Combine(bundle.Folder, name), Path.Combine(folder, name));
            BytesWritten += new FileInfo(Path.Combine(folder, name)).Length;
        }

        string[] missing = [.. TokenizerFiles.Except(bundle.Manifest.TokenizerFiles)];
        if (missing.Length > 0)
        {
            _notes.Add($"The source has no {string.Join(" and no ", missing)}, which onnxruntime-genai's own tokenizer reads. The folder generates from token ids.");
        }
    }
}
