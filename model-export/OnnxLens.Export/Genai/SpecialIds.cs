using System.Collections.Immutable;
using System.Text.Json;

namespace OnnxLens.Export.Genai;

/// <summary>The ids with a meaning that <c>genai_config.json</c> names.</summary>
/// <param name="Bos">Begins a text; null where none is known.</param>
/// <param name="Eos">End a text; at least one.</param>
/// <param name="Pad">Fills shorter rows of a batch. onnxruntime-genai takes the last token that is not this one for a prompt's end.</param>
/// <param name="Note">What the user should know, or null.</param>
internal sealed record SpecialIds(int? Bos, ImmutableArray<int> Eos, int Pad, string? Note)
{
    /// <summary>Where ids are looked for, the first that has one wins: as transformers' generation does.</summary>
    private static readonly string[] Configs = ["generation_config.json", "config.json"];

    /// <summary>Reads them from the configs of a folder.</summary>
    /// <param name="folder">A checkpoint or a bundle.</param>
    /// <param name="ends">The ids that end a text, as the model's facts have them.</param>
    /// <param name="vocabularySize">Ids outside the vocabulary, such as the −1 of some configs, count as absent.</param>
    /// <param name="bosOfTokenizer">The tokenizer's own; null where it names none.</param>
    public static SpecialIds Read(string folder, ImmutableArray<int> ends, int vocabularySize, int? bosOfTokenizer)
    {
        int? Find(string name) =>
            Configs.Select(file => IdIn(Path.Combine(folder, file), name, vocabularySize)).FirstOrDefault(id => id is not null);

        int? bos = Find("bos_token_id") ?? bosOfTokenizer;
        int pad = Find("pad_token_id") ?? (ends.IsEmpty ? 0 : ends[0]);
        return ends.IsEmpty
            ? new SpecialIds(bos, [pad], pad, $"The source names no id that ends a text. onnxruntime-genai always has one, and takes {pad}; set 'eos_token_id' in genai_config.json to another where the model uses that token.")
            : new SpecialIds(bos, ends, pad, null);
    }

    private static int? IdIn(string file, string name, int vocabularySize)
    {
        if (!File.Exists(file)) return null;

        try
        {
            using JsonDocument document = JsonDocument.Parse(PlainFile.ReadAllBytes(file));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(name, out JsonElement value)
                && value.ValueKind == JsonValueKind.Number
                && value.TryGetInt32(out int id)
                && id >= 0
                && id < vocabularySize ? id : null;
        }
        catch (JsonException failure)
        {
            throw new CheckpointException($"'{file}' is not valid JSON: {failure.Message} Fetch the file again.", failure);
        }
    }
}
