using System.Collections.Immutable;
using OnnxLens.Safetensors;

namespace OnnxLens.Export.Checkpoints;

/// <summary>Finds the weight files of a checkpoint and reads their headers, holding the index to what the files say.</summary>
internal static class WeightFiles
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";
    private const int Shown = 5;

    /// <summary>True where a folder has weight files, or an index of some.</summary>
    public static bool AreIn(string folder) => File.Exists(Path.Combine(folder, SingleFile)) || File.Exists(Path.Combine(folder, IndexFile));

    /// <summary>Header of each weight file by file name, ordinal order.</summary>
    /// <exception cref="CheckpointException">There are no weights, the index is unsound, or index and files contradict each other.</exception>
    public static ImmutableSortedDictionary<string, SafetensorsHeader> ReadHeaders(string folder)
    {
        // As transformers does: the single file first, where both are there.
        if (File.Exists(Path.Combine(folder, SingleFile)))
        {
            return ImmutableSortedDictionary<string, SafetensorsHeader>.Empty
                .WithComparers(StringComparer.Ordinal)
                .Add(SingleFile, SafetensorsHeader.Read(Path.Combine(folder, SingleFile)));
        }

        string indexPath = Path.Combine(folder, IndexFile);
        return File.Exists(indexPath) ? ReadIndexed(folder, indexPath) : throw NoWeights(folder);
    }

    private static ImmutableSortedDictionary<string, SafetensorsHeader> ReadIndexed(string folder, string indexPath)
    {
        Dictionary<string, string> map = ReadMap(indexPath);
        ImmutableSortedDictionary<string, SafetensorsHeader> headers = map.Values.Distinct().ToImmutableSortedDictionary(
            name => name,
            name => ReadShard(folder, name, indexPath),
            StringComparer.Ordinal);
        Compare(map, headers, indexPath);
        return headers;
    }

    private static Dictionary<string, string> ReadMap(string indexPath)
    {
        JsonFields index = JsonFields.ReadFile(indexPath);
        const string expected = "an object of tensor names and file names";
        JsonFields map = index.OptionalObject("weight_map") ?? throw index.Missing("weight_map", expected);
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string tensor in map.Names)
        {
            string file = map.OptionalString(tensor) ?? throw map.Missing(tensor, "a file name");
            files[tensor] = IsPlainFileName(file)
                ? file
                : throw new CheckpointException(
                    $"{map.Where(tensor)} is '{file}'; expected the plain name of a .safetensors file in the same folder. Do not use this checkpoint unless you know where it comes from.");
        }

        return files.Count > 0 ? files : throw index.Missing("weight_map", expected);
    }

    private static bool IsPlainFileName(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal)
        && name.AsSpan().IndexOfAny('/', '\\', ':') < 0
        && !name.Contains("..", StringComparison.Ordinal)
        && !name.Any(char.IsControl);

    private static SafetensorsHeader ReadShard(string folder, string name, string indexPath)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path)
            ? SafetensorsHeader.Read(path)
            : throw new CheckpointException($"'{indexPath}' names the weight file '{name}', which is not in the folder. Fetch the missing file.");
    }

    private static void Compare(Dictionary<string, string> map, ImmutableSortedDictionary<string, SafetensorsHeader> headers, string indexPath)
    {
        string[] absent =
        [
            .. map.Where(entry => !headers[entry.Value].Tensors.ContainsKey(entry.Key))
                .Select(entry => $"'{entry.Key}' is not in '{entry.Value}'").Order(StringComparer.Ordinal),
        ];
        string[] unlisted =
        [
            .. headers.SelectMany(file => file.Value.Tensors.Keys
                .Where(tensor => !map.TryGetValue(tensor, out string? listed) || listed != file.Key)
                .Select(tensor => $"'{tensor}' of '{file.Key}' is not listed there")).Order(StringComparer.Ordinal),
        ];
        string[] problems = [.. absent, .. unlisted];
        if (problems.Length > 0)
        {
            throw new CheckpointException(
                $"'{indexPath}' and the weight files contradict each other: {FolderListing.FirstOf(problems, Shown)}. Fetch index and weight files again, from one source.");
        }
    }

    private static CheckpointException NoWeights(string folder)
    {
        string[] pickled =
        [
            .. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)!)
                .Where(name => Path.GetExtension(name) is ".bin" or ".pt" or ".pth").Order(StringComparer.Ordinal),
        ];
        return new CheckpointException(pickled.Length > 0
            ? $"'{folder}' has PyTorch weights only ({FolderListing.FirstOf(pickled, Shown)}), which are not read because loading them can run code; expected {SingleFile}. Fetch the safetensors files, or convert with transformers' save_pretrained."
            : $"'{folder}' has no weights; expected {SingleFile} or {IndexFile}; {FolderListing.Describe(folder)} Fetch the weight files.");
    }
}
