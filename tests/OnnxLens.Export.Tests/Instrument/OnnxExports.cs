using System.Text.Json;
using OnnxLens.Export.Instrument;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Instrument;

/// <summary>The folders of ONNX exports in the shared data, made by other programs.</summary>
internal static class OnnxExports
{
    private const string Root = "golden/onnx";

    /// <summary>The names of all folders; a single empty one where the data are absent, so that the test says so.</summary>
    public static string[] Names => SharedData.Find(Root) is string root
        ? [.. Directory.EnumerateDirectories(root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [""];

    /// <summary>The folders that ONNX Runtime runs on the CPU.</summary>
    public static IEnumerable<string> Runnable => Names.Where(name => name.Length == 0 || Facts(name).GetProperty("runs_with_onnxruntime_cpu").ValueKind == JsonValueKind.True);

    /// <summary>Folders where a node more or less changes which conversions ONNX Runtime merges on the CPU, so that bits move by what fp16 rounds.</summary>
    public static bool MovesBits(string name) => name is "optimum-fp16-llama-gqa" or "genai-int4-cuda-llama-gqa";

    /// <summary>The folder.</summary>
    public static string Folder(string name) => SharedData.Require(name.Length == 0 ? Root : $"{Root}/{name}");

    /// <summary>What must be given beside the folder: some were exported without embedding or unembedding.</summary>
    public static InstrumentOptions Options(string name) => new()
    {
        Embedding = name.Contains("exclude-embeds", StringComparison.Ordinal) ? new GivenTensor(CheckpointOf(name), null) : null,
        LmHead = name.Contains("exclude-lm-head", StringComparison.Ordinal) ? new GivenTensor(CheckpointOf(name), null) : null,
        Weights = WeightsMode.Reference,
    };

    /// <summary>The checkpoint that the folder was exported from.</summary>
    public static GoldenCase Checkpoint(string name) => GoldenCases.Require(Facts(name).GetProperty("checkpoint").GetString()!);

    private static string CheckpointOf(string name) => Checkpoint(name).CheckpointFolder;

    /// <summary>The folder's golden.json.</summary>
    public static JsonElement Facts(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(name), "golden.json")));
        return document.RootElement.Clone();
    }
}
