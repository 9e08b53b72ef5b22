using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export.Bundling;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Instrument.Folders;

/// <summary>Reads a folder that holds a decoder's graph: finds the graph file, checks it and the files of its weights.</summary>
internal static class OnnxFolderReader
{
    private const string Extension = ".onnx";
    private static readonly ImmutableArray<string> UsualNames = ["model.onnx", "decoder_model.onnx", "onnx/model.onnx"];

    /// <summary>How the text begins that stands for a file which Git LFS has not fetched.</summary>
    private static ReadOnlySpan<byte> LfsPointer => "version https://git-lfs"u8;

    /// <summary>
    /// True where a path is an ONNX file, or a folder that holds one. A checkpoint with a graph beside its weights, or in a folder of its own, is a
    /// checkpoint, unless the graph is <c>model.onnx</c> at its root.
    /// </summary>
    public static bool Holds(string path) =>
        (File.Exists(path) && path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
        || (Directory.Exists(path) && HasGraph(path) && (!IsCheckpoint(path) || File.Exists(Path.Combine(path, UsualNames[0]))));

    private static bool HasGraph(string folder) =>
        Directory.EnumerateFiles(folder, "*" + Extension).Any() || File.Exists(Path.Combine(folder, UsualNames[^1]));

    private static bool IsCheckpoint(string folder) =>
        Directory.EnumerateFiles(folder, "*.safetensors").Any() && File.Exists(Path.Combine(folder, "config.json")) && !File.Exists(Path.Combine(folder, Genai.GenaiConfig.FileName));

    /// <summary>Reads a folder, or the folder of a graph file.</summary>
    /// <exception cref="CheckpointException">The folder, a graph or its weights are missing or not sound.</exception>
    public static OnnxFolder Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.GetFullPath(path);
        bool isFile = File.Exists(full);
        if (!isFile && !Directory.Exists(full))
        {
            throw new CheckpointException($"There is no folder '{full}'. Give a folder with an ONNX decoder, or its .onnx file.");
        }

        string folder = isFile ? FolderOf(full) : Path.TrimEndingDirectorySeparator(full);
        try
        {
            if (LensBundle.Exists(folder))
            {
                throw new CheckpointException($"'{folder}' is a lens bundle already. Use it as it is, or give the folder it was made of.");
            }

            OnnxConfig config = OnnxConfigReader.Read(folder);
            ImmutableArray<string> files = isFile ? [Path.GetRelativePath(folder, full)] : GraphFiles(folder, config);
            ModelProto model = StageJoiner.Join([.. files.Select(file => Graph(folder, file))]);
            GraphEditor.TopologicalSort(model.Graph); // Whatever the order in which the stages are listed.
            return new OnnxFolder
            {
                Path = folder,
                Name = string.Join(" + ", files),
                Model = model,
                Config = config,
                WeightFiles = ModelTensors.ExternalFiles(model).ToImmutableSortedDictionary(file => file, file => Path.Combine(folder, file), StringComparer.Ordinal),
                TokenizerFiles = CheckpointReader.TokenizerFilesIn(folder),
            };
        }
        catch (OnnxFormatException exception)
        {
            throw new CheckpointException($"'{full}' cannot be read as an ONNX model: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"'{full}' cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The folder of a graph's file; where that has no configuration and the one above has, that one: graphs often lie in a folder of their own.</summary>
    private static string FolderOf(string file)
    {
        string folder = Path.GetDirectoryName(file)!;
        return !OnnxConfigReader.IsIn(folder) && Path.GetDirectoryName(folder) is string above && OnnxConfigReader.IsIn(above) ? above : folder;
    }

    private static ImmutableArray<string> GraphFiles(string folder, OnnxConfig config)
    {
        if (!config.GraphFiles.IsEmpty)
        {
            return config.GraphFiles;
        }

        string[] there = [.. Directory.EnumerateFiles(folder, "*" + Extension).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        string? usual = UsualNames.FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));
        return (usual, there.Length) switch
        {
            (string name, _) => [name],
            (null, 1) => [there[0]],
            (null, 0) => throw new CheckpointException($"'{folder}' has no ONNX graph; {FolderListing.Describe(folder)} Give a folder with model.onnx, or the graph's file."),
            _ => throw new CheckpointException($"'{folder}' has {there.Length} ONNX graphs ({string.Join(", ", there.Take(4))}) and no genai_config.json that says which is the decoder. Give the graph's file itself."),
        };
    }

    /// <summary>Reads one graph; its initializers are then external, in their data file or in the graph's own file.</summary>
    private static ModelProto Graph(string folder, string file)
    {
        if (file.Length == 0 || file.Contains('\0', StringComparison.Ordinal))
        {
            throw new CheckpointException($"The configuration in '{folder}' names '{file.Replace('\0', '?')}' as a graph's file, which is no name. Expected one of an .onnx file in the folder.");
        }

        string path = Path.Combine(folder, file);
        if (!Path.GetFullPath(path).StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new CheckpointException($"The graph '{file}' lies outside of '{folder}'. Expected it in the folder or below it.");
        }

        if (!File.Exists(path))
        {
            throw new CheckpointException($"The graph '{path}', which the configuration names, is missing; {FolderListing.Describe(folder)} Put it there, or give the graph's file itself.");
        }

        byte[] bytes = PlainFile.ReadAllBytes(path);
        if (bytes.AsSpan().StartsWith(LfsPointer))
        {
            throw new CheckpointException($"'{path}' is a Git LFS pointer, the text that stands for the graph until it is fetched. Run 'git lfs pull' in its repository, or download the file itself.");
        }

        ModelProto model = OnnxModelFile.Parse(bytes, path);
        GraphEditor.TopologicalSort(model.Graph); // Some exporters do not keep it.
        GraphValidator.ThrowIfInvalid(model, path, location => LengthOf(Path.Combine(Path.GetDirectoryName(path)!, location)));
        OperatorInputs.Require(model.Graph);
        DefaultInputs.DropZeroSums(model.Graph);
        ConstantInputs.Unify(model);
        ExternalTensors.Prefix(model, Path.GetDirectoryName(file)!.Replace('\\', '/'));
        ExternalTensors.MakeExternal(model, bytes, file);
        return model;
    }

    private static long? LengthOf(string path) => File.Exists(path) ? new FileInfo(DataFile.RealPath(path)).Length : null;
}
