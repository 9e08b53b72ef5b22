using System.Text;
using System.Text.Json.Nodes;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Tests.Tokenization;

/// <summary>A small <c>tokenizer.json</c> in the making, so that claims hold without files from outside. Every part can be changed before <see cref="Load"/>.</summary>
internal sealed class TinyTokenizer
{
    private const string SpaceMark = "\u2581";

    private TinyTokenizer(JsonObject root) => Root = root;

    /// <summary>The file.</summary>
    public JsonObject Root { get; }

    /// <summary>The field <c>model</c>.</summary>
    public JsonObject Model => Root["model"]!.AsObject();

    /// <summary>The field <c>model.vocab</c>.</summary>
    public JsonObject Vocabulary => Model["vocab"]!.AsObject();

    /// <summary>
    /// Byte-level: ids 0 to 255 are the bytes in the order of <c>bytes_to_unicode</c>, then "Ġt" 256,
    /// "he" 257, "Ġthe" 258 and "aa" 259; added are the special &lt;s&gt; 260 and &lt;think&gt; 261,
    /// which is not special.
    /// </summary>
    public static TinyTokenizer ByteLevel()
    {
        var vocabulary = new JsonObject();
        foreach (string spelling in Bytes().Append("\u0120t").Append("he").Append("\u0120the").Append("aa"))
            vocabulary.Add(spelling, vocabulary.Count);
        return new TinyTokenizer(new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(260, "<s>"), Added(261, "<think>", special: false)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = Parse("""{"type":"ByteLevel","add_prefix_space":false}"""),
            ["post_processor"] = null,
            ["decoder"] = Parse("""{"type":"ByteLevel"}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray("\u0120 t", "h e", "\u0120t he", "a a"),
            },
        });
    }

    /// <summary>
    /// SentencePiece-style: &lt;unk&gt; 0, &lt;s&gt; 1, &lt;/s&gt; 2, the bytes &lt;0x00&gt; to &lt;0xFF&gt; from
    /// 3 on, then "▁" 259, "h" 260, "m" 261, "mm" 262, "▁h" 263. Puts &lt;s&gt; before a text.
    /// </summary>
    public static TinyTokenizer Pieces()
    {
        var vocabulary = new JsonObject();
        string[] all = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), SpaceMark, "h", "m", "mm", SpaceMark + "h"];
        foreach (string spelling in all)
            vocabulary.Add(spelling, vocabulary.Count);
        return new TinyTokenizer(new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(0, "<unk>"), Added(1, "<s>"), Added(2, "</s>")),
            ["normalizer"] = Parse($$$"""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"{{{SpaceMark}}}"},{"type":"Replace","pattern":{"String":" "},"content":"{{{SpaceMark}}}"}]}"""),
            ["pre_tokenizer"] = null,
            ["post_processor"] = Parse("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"<s>":{"id":"<s>","ids":[1],"tokens":["<s>"]}}}"""),
            ["decoder"] = Parse($$$"""{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"{{{SpaceMark}}}"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = "<unk>",
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray(new JsonArray("m", "m"), new JsonArray(SpaceMark, "h")),
            },
        });
    }

    /// <summary>The characters that spell the 256 bytes, in the order in which GPT-2 numbers them.</summary>
    public static IEnumerable<string> Bytes()
    {
        IEnumerable<int> printable = Enumerable.Range(0x21, 0x5E).Concat(Enumerable.Range(0xA1, 0x0C)).Concat(Enumerable.Range(0xAE, 0x52));
        return printable.Concat(Enumerable.Range(0x100, 256 - printable.Count())).Select(c => ((char)c).ToString());
    }

    /// <summary>An entry of <c>added_tokens</c>.</summary>
    public static JsonObject Added(int id, string content, bool special = true) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = special,
    };

    /// <summary>A JSON value from text.</summary>
    public static JsonNode Parse(string json) => JsonNode.Parse(json)!;

    /// <summary>Writes the file into a folder of its own and reads it.</summary>
    public Tokenizer Load() => LoadFile("tokenizer.json", Encoding.UTF8.GetBytes(Root.ToJsonString()));

    /// <summary>Reads a tokenizer from one file of the given content.</summary>
    public static Tokenizer LoadFile(string name, byte[] content)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder[name], content);
        return Tokenizer.Load(folder.Path);
    }

    /// <summary>Reading fails with a message that has each of the texts.</summary>
    public void AssertRefused(params string[] parts) => AssertRefused(Load, parts);

    /// <summary>An action fails with a <see cref="TokenizerException"/> whose message has each of the texts.</summary>
    public static void AssertRefused(Func<object> action, params string[] parts)
    {
        string message = Assert.ThrowsExactly<TokenizerException>(() => action()).Message;
        foreach (string part in parts)
            Assert.Contains(part, message);
    }
}
