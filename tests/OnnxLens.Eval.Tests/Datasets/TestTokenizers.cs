using System.Text.Json.Nodes;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Eval.Tests.Datasets;

/// <summary>Tokenizers for datasets: the demo's, and small ones whose merges a test chooses.</summary>
internal static class TestTokenizers
{
    private static readonly Lazy<Tokenizer> DemoOnce = new(() => Tokenizer.Load(DemoFiles.Checkpoint));

    /// <summary>The tokenizer of the demo model: byte-level, adds nothing.</summary>
    public static Tokenizer Demo => DemoOnce.Value;

    /// <summary>Ids 0 to 94 are the printable characters of ASCII from '!' on, 95 the space "Ġ", 96 the line feed "Ċ", then one id per merge; no cut into pieces before merging.</summary>
    /// <param name="bos">Put &lt;s&gt; (the last id) before each text.</param>
    /// <param name="merges">Two spellings with a space between, in order of rank.</param>
    public static Tokenizer Merging(bool bos, params string[] merges)
    {
        var vocabulary = new JsonObject();
        IEnumerable<string> letters = Enumerable.Range('!', '~' - '!' + 1).Select(c => ((char)c).ToString());
        foreach (string spelling in letters.Append("\u0120").Append("\u010a").Concat(merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))))
            vocabulary.Add(spelling, vocabulary.Count);
        int id = vocabulary.Count;
        var root = new JsonObject
        {
            ["added_tokens"] = JsonNode.Parse($$"""[{"id":{{id}},"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}]"""),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"""),
            ["post_processor"] = bos
                ? JsonNode.Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"<s>":{"id":"<s>","ids":[ID],"tokens":["<s>"]}}}""".Replace("ID]", $"{id}]", StringComparison.Ordinal))
                : null,
            ["decoder"] = JsonNode.Parse("""{"type":"ByteLevel"}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]) },
        };
        using var folder = new TempFolder();
        File.WriteAllText(folder["tokenizer.json"], root.ToJsonString());
        return Tokenizer.Load(folder.Path);
    }
}
