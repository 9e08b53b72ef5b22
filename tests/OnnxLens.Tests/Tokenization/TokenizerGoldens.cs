using System.Collections.Concurrent;
using System.Text.Json;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Tests.Tokenization;

/// <summary>Tokenizers of real checkpoints and the golden files for them; inconclusive where those are not there.</summary>
internal static class TokenizerGoldens
{
    private static readonly ConcurrentDictionary<string, Lazy<Tokenizer>> Loaded = new();

    /// <summary>The folder of a tokenizer, by the name that the golden files give it.</summary>
    public static string Folder(string name) => SharedData.Require(name switch
    {
        "gpt2" => "data/tokenizers/gpt2",
        "phi-3" => "data/tokenizers/ort-ext/phi-3-mini",
        "stories260K" => "golden/stories260K-hf",
        "demo" => "demo/checkpoint",
        _ => $"golden/tokenizers/{name}",
    });

    /// <summary>The tokenizer of that name, read once.</summary>
    public static Tokenizer Load(string name) =>
        Loaded.GetOrAdd(Folder(name), folder => new Lazy<Tokenizer>(() => Tokenizer.Load(folder))).Value;

    /// <summary>A file below <c>shared/golden/tokenizers</c>.</summary>
    public static JsonElement Json(string relative)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require($"golden/tokenizers/{relative}")));
        return document.RootElement.Clone();
    }

    /// <summary>The texts that all tokenizers are tried on.</summary>
    public static IReadOnlyList<string> Texts() =>
        [.. Json("texts.json").GetProperty("texts").EnumerateArray().Select(text => text.GetProperty("text").GetString()!)];

    /// <summary>The ids in a field; those of <paramref name="otherwise"/> where it is null.</summary>
    public static int[] Ids(JsonElement cases, string field, int[]? otherwise = null)
    {
        JsonElement ids = cases.GetProperty(field);
        return ids.ValueKind == JsonValueKind.Null && otherwise is not null
            ? otherwise
            : [.. ids.EnumerateArray().Select(id => id.GetInt32())];
    }
}
