using System.Text.Json;

namespace OnnxLens.Cli.Models;

/// <summary>The files of an ONNX folder that a bundle made of it depends on. Others, such as results that were written there, are passed over.</summary>
internal static class OnnxFolderFiles
{
    private const string Genai = "genai_config.json";
    private const string Graph = ".onnx";

    /// <summary>Configurations and tokenizer files.</summary>
    private static readonly string[] ReadFiles =
    [
        "added_tokens.json", "chat_template.jinja", "chat_template.json", "config.json", Genai, "generation_config.json", "merges.txt",
        "special_tokens_map.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.json",
    ];

    /// <summary>Endings of files that exporters put weights into; torch.onnx calls them by the tensor, others give them none.</summary>
    private static readonly string[] WeightEndings = ["", ".bias", ".bin", ".data", ".safetensors", ".weight", ".weights"];

    /// <summary>Configurations and tokenizer files that are there, by name.</summary>
    public static IEnumerable<string> Configs(string folder) => ReadFiles.Where(name => File.Exists(Path.Combine(folder, name)));

    /// <summary>The graphs: those at the root, in <c>onnx</c>, and beside those that <c>genai_config.json</c> names.</summary>
    public static IEnumerable<string> Graphs(string folder) => Files(folder, IsGraph);

    /// <summary>Files beside the graphs that may hold their weights.</summary>
    public static IEnumerable<string> Weights(string folder) => Files(folder, IsWeights);

    private static IEnumerable<string> Files(string folder, Func<string, bool> wanted) =>
        from place in Places(folder)
        from file in Directory.EnumerateFiles(place).Order(StringComparer.Ordinal)
        where wanted(file)
        select Path.GetRelativePath(folder, file);

    private static IEnumerable<string> Places(string folder) =>
        Named(folder).Select(name => Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, name)))!)
            .Prepend(Path.Combine(folder, "onnx")).Prepend(folder).Distinct(StringComparer.Ordinal).Where(Directory.Exists);

    /// <summary>Graphs that the configuration names. What is wrong with it is said when the folder is read.</summary>
    private static string[] Named(string folder)
    {
        string path = Path.Combine(folder, Genai);
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(PlainFile.ReadAllBytes(path));
            return [.. Texts(json.RootElement).Where(text => IsGraph(text) && !Path.IsPathRooted(text))];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Texts(member.Value)),
        _ => [],
    };

    private static bool IsGraph(string file) => Path.GetExtension(file).Equals(Graph, StringComparison.OrdinalIgnoreCase);

    private static bool IsWeights(string file) =>
        Path.GetExtension(file) is var ending && (WeightEndings.Contains(ending) || ending.StartsWith(Graph + "_data", StringComparison.Ordinal));
}
