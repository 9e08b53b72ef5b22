using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Tests.Tokenization;

/// <summary>The other forms of the same tokenizers give the same ids: vocab.json with merges.txt, tokenizer.model, variants of added tokens.</summary>
[TestClass]
public sealed class TokenizerFormsTests
{
    private static readonly TokenizeOptions Bare = new() { AddSpecial = false };

    [TestMethod]
    public void Load_VocabAndMergesOfGpt2_GivesTheGoldenIds()
    {
        using var folder = new TempFolder();
        Copy("data/tokenizers/gpt2", folder, "vocab.json", "merges.txt");
        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        AssertGolden(tokenizer, "gpt2");
        Assert.AreEqual(50256, tokenizer.EosId);
        Assert.AreEqual(50257, tokenizer.VocabularySize);
    }

    [TestMethod]
    public void Load_VocabAndMergesOfQwen2_GivesTheGoldenIds()
    {
        // This folder's tokenizer has three added tokens; texts that hold other ones of Qwen2.5 are text here.
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Require("data/tokenizers/qwen2"));

        AssertGolden(tokenizer, "qwen2", plain: true);
        Assert.AreEqual(151645, tokenizer.EosId);
        Assert.IsNull(tokenizer.BosId);
        Assert.AreEqual(151646, tokenizer.VocabularySize);
        CollectionAssert.AreEqual(new[] { 151644, 77, 151645 }, tokenizer.Encode("<|im_start|>n<|im_end|>"));
    }

    [TestMethod]
    public void Load_TokenizerModelOfLlama3_GivesTheGoldenIds()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Require("data/tokenizers/llama3"));

        AssertGolden(tokenizer, "llama3", plain: true);
        Assert.AreEqual(128000, tokenizer.BosId);
        Assert.AreEqual(128001, tokenizer.EosId);
        Assert.AreEqual(128256, tokenizer.VocabularySize);
    }

    [TestMethod]
    public void Load_TokenizerModelWithConfig_TakesItsAddedTokens()
    {
        using var folder = new TempFolder();
        Copy("data/tokenizers/llama3", folder, "tokenizer.model");
        Copy("golden/tokenizers/llama3", folder, "tokenizer_config.json");
        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        AssertGolden(tokenizer, "llama3");
        Assert.AreEqual(128005, tokenizer.TokenId("<|reserved_special_token_2|>"));
    }

    [TestMethod]
    public void Encode_TokenizerModelOfLlama3_GivesThePublishedIds()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Require("data/tokenizers/llama3"));
        using JsonDocument published = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("data/tokenizers/llama3/special_tokens_and_golden.json")));
        foreach (JsonProperty special in published.RootElement.GetProperty("special_tokens").EnumerateObject())
            CollectionAssert.AreEqual(new[] { special.Value.GetInt32() }, tokenizer.Encode(special.Name, Bare), special.Name);

        JsonElement golden = published.RootElement.GetProperty("golden");
        CollectionAssert.AreEqual(TokenizerGoldens.Ids(golden[0], "ids"), tokenizer.Encode("This is a test sentence.<|end_of_text|>"));
        CollectionAssert.AreEqual(TokenizerGoldens.Ids(golden[1], "ids"),
            tokenizer.Encode("<|start_header_id|>user<|end_header_id|>\n\nThis is a test sentence.<|eot_id|>", Bare));
        CollectionAssert.AreEqual(TokenizerGoldens.Ids(golden[2], "ids"), tokenizer.Encode(
            "<|start_header_id|>system<|end_header_id|>\n\nThis is a test sentence.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nThis is a response.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"));
    }

    [TestMethod]
    [DataRow("llama-3.0")]
    [DataRow("llama-models-repo")]
    [DataRow("qwen2")]
    public void Load_VariantsOfAddedTokens_AreFoundUnderTheirIds(string variant)
    {
        JsonElement variants = TokenizerGoldens.Json("variants.json").GetProperty(variant);
        string source = TokenizerGoldens.Folder(variants.GetProperty("base").GetString()!);
        JsonNode file = JsonNode.Parse(File.ReadAllBytes(Path.Combine(source, "tokenizer.json")))!;
        file["added_tokens"] = JsonNode.Parse(variants.GetProperty("added_tokens").GetRawText());
        using var folder = new TempFolder();
        File.WriteAllText(folder["tokenizer.json"], file.ToJsonString());
        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        foreach (JsonElement token in variants.GetProperty("added_tokens").EnumerateArray())
        {
            int id = token.GetProperty("id").GetInt32();
            string content = token.GetProperty("content").GetString()!;
            CollectionAssert.AreEqual(new[] { id }, tokenizer.Encode(content, Bare), content);
            Assert.AreEqual(content, tokenizer.Display(id));
            Assert.AreEqual(token.GetProperty("special").GetBoolean(), tokenizer.IsSpecial(id));
        }
    }

    [TestMethod]
    [DataRow("phi-3", 15)]
    [DataRow("llama2", 14)]
    public void Encode_MetaspaceInThePlaceOfTheNormalizer_GivesTheIdsOfTransformers5(string name, int differing)
    {
        JsonNode file = JsonNode.Parse(File.ReadAllBytes(Path.Combine(TokenizerGoldens.Folder(name), "tokenizer.json")))!;
        file["normalizer"] = null;
        file["pre_tokenizer"] = JsonNode.Parse("""{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":false}""");
        using var folder = new TempFolder();
        File.WriteAllText(folder["tokenizer.json"], file.ToJsonString());
        Tokenizer tokenizer = Tokenizer.Load(folder.Path);
        Dictionary<int, int[]> others = TokenizerGoldens.Json("transformers5.json").GetProperty("cases").EnumerateArray()
            .Where(golden => golden.GetProperty("tokenizer").GetString() == name)
            .ToDictionary(golden => golden.GetProperty("id").GetInt32(), golden => TokenizerGoldens.Ids(golden, "ids"));
        IReadOnlyList<string> texts = TokenizerGoldens.Texts();

        Assert.HasCount(differing, others);
        foreach (JsonElement golden in TokenizerGoldens.Json($"expected/{name}.json").GetProperty("cases").EnumerateArray())
        {
            int text = golden.GetProperty("id").GetInt32();
            int[] expected = others.TryGetValue(text, out int[]? other) ? other : TokenizerGoldens.Ids(golden, "ids");
            Assert.AreEqual(string.Join(' ', expected), string.Join(' ', tokenizer.Encode(texts[text], Bare)), texts[text]);
        }
    }

    [TestMethod]
    [DataRow("gpt-2", "gpt2")]
    [DataRow("llama-bpe", "llama3")]
    [DataRow("qwen2", "qwen2")]
    [DataRow("phi-3", "phi-3")]
    public void Encode_TextsOfLlamaCpp_IdsAreTheirs(string vocabulary, string name)
    {
        Tokenizer tokenizer = TokenizerGoldens.Load(name);
        string path = SharedData.Require($"data/tokenizers/llamacpp_golden/ggml-vocab-{vocabulary}.gguf.inp");
        string[] texts = File.ReadAllText(path).Split("\n__ggml_vocab_test__\n");
        string[] lines = File.ReadAllText(Path.ChangeExtension(path, "out")).TrimEnd('\n').Split('\n');
        Assert.HasCount(46, lines);
        for (int i = 0; i < lines.Length; i++)
        {
            int[] ids = tokenizer.Encode(texts[i], Bare);
            Assert.AreEqual(lines[i].Trim(), string.Join(' ', ids), texts[i]);
            string decoded = tokenizer.Decode(ids);
            Assert.AreEqual(name == "qwen2" ? texts[i].Normalize() : texts[i], decoded);
        }
    }

    [TestMethod]
    public void Encode_DemoCheckpoint_TextComesBack()
    {
        Tokenizer tokenizer = TokenizerGoldens.Load("demo");
        Assert.AreEqual(0, tokenizer.EosId);
        foreach (string text in TokenizerGoldens.Texts())
            Assert.AreEqual(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [TestMethod]
    [DataRow("golden")]
    [DataRow("data/onnx")]
    public void Load_EveryTokenizerJsonAtHand_ReadsAndGivesTextBack(string below)
    {
        string[] files = Directory.GetFiles(SharedData.Require(below), "tokenizer.json", SearchOption.AllDirectories);
        Assert.IsNotEmpty(files);
        foreach (string file in files)
        {
            Tokenizer tokenizer = Tokenizer.Load(Path.GetDirectoryName(file)!);
            const string Text = "The cat's 12 mats,\n  hmmm — naïve 語!";
            Assert.AreEqual(Text, tokenizer.Decode(tokenizer.Encode(Text), skipSpecial: true), file);
        }
    }

    [TestMethod]
    public void Load_Llama2FileThatLostItsNoBreakSpaces_IsRefused()
    {
        string folder = SharedData.Require("data/tokenizers/ort-ext/llama2");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder), "tokenizer.json: model.merges", "two tokens");
    }

    [TestMethod]
    [DataRow("phi-3")]
    [DataRow("llama3")]
    [DataRow("gpt2")]
    public void Encode_AMillionOfOneLetter_TakesSecondsWithRealMergesToo(string name)
    {
        Tokenizer tokenizer = TokenizerGoldens.Load(name);
        string text = new('a', 1_000_000);
        var watch = Stopwatch.StartNew();
        int[] ids = tokenizer.Encode(text, Bare);

        Assert.IsLessThan(120, watch.Elapsed.TotalSeconds);
        Assert.AreEqual(text, tokenizer.Decode(ids));
    }

    private static void Copy(string shared, TempFolder folder, params string[] names)
    {
        foreach (string name in names)
            File.Copy(SharedData.Require($"{shared}/{name}"), folder[name]);
    }

    private static void AssertGolden(Tokenizer tokenizer, string name, bool plain = false)
    {
        IReadOnlyList<string> texts = TokenizerGoldens.Texts();
        foreach (JsonElement golden in TokenizerGoldens.Json($"expected/{name}.json").GetProperty("cases").EnumerateArray())
        {
            string text = texts[golden.GetProperty("id").GetInt32()];
            int[] ids = TokenizerGoldens.Ids(golden, "ids");
            int[] expected = plain ? TokenizerGoldens.Ids(golden, "ids_plain", ids) : ids;
            Assert.AreEqual(string.Join(' ', expected), string.Join(' ', tokenizer.Encode(text, Bare with { ParseSpecial = !plain })), text);
        }
    }
}
