using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Tests.Tokenization;

/// <summary>The other file forms, configs and hashes, on small files made here.</summary>
[TestClass]
public sealed class TokenizerFilesTests
{
    private static readonly Lazy<string> TiktokenModel = new(() => Model(128_000));

    [TestMethod]
    public void Load_ConfigNamesBosAndEos_TheirIdsAreKnown()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["tokenizer.json"], TinyTokenizer.Pieces().Root.ToJsonString());
        string alone = Tokenizer.Load(folder.Path).Hash;
        Assert.IsNull(Tokenizer.Load(folder.Path).EosId);
        File.WriteAllText(folder["tokenizer_config.json"], """{"bos_token":{"content":"<s>"},"eos_token":"</s>"}""");
        Tokenizer tokenizer = Tokenizer.Load(folder.Path);

        Assert.AreEqual(1, tokenizer.BosId);
        Assert.AreEqual(2, tokenizer.EosId);
        Assert.AreEqual(alone, tokenizer.Hash);
        Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder["tokenizer.json"]))), alone);
    }

    [TestMethod]
    public void Load_EosNamedInTheSpecialTokensMapOnly_IsKnown()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["tokenizer.json"], TinyTokenizer.Pieces().Root.ToJsonString());
        File.WriteAllText(folder["special_tokens_map.json"], """{"eos_token":"</s>"}""");
        Assert.AreEqual(2, Tokenizer.Load(folder.Path).EosId);
    }

    [TestMethod]
    public void Load_FileWithByteOrderMark_IsRead()
    {
        byte[] bytes = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(TinyTokenizer.ByteLevel().Root.ToJsonString())];
        Assert.AreEqual(262, TinyTokenizer.LoadFile("tokenizer.json", bytes).VocabularySize);
    }

    [TestMethod]
    public void Load_TemplateWithBosAndEos_PutsBothAroundTheText()
    {
        TinyTokenizer tiny = TinyTokenizer.Pieces();
        tiny.Root["post_processor"] = TinyTokenizer.Parse("""
            {"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"TemplateProcessing",
             "single":[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"</s>"}}],
             "special_tokens":{"<s>":{"ids":[1]},"</s>":{"ids":[2]}}}]}
            """);
        Tokenizer tokenizer = tiny.Load();

        CollectionAssert.AreEqual(new[] { 1, 263, 2 }, tokenizer.Encode("h"));
        CollectionAssert.AreEqual(new[] { 263 }, tokenizer.Encode("h", new TokenizeOptions { AddSpecial = false }));
        Assert.AreEqual(2, tokenizer.EosId);
    }

    [TestMethod]
    public void Load_VocabAndMerges_ReadsThemByTheClass()
    {
        using var folder = new TempFolder();
        WriteVocabAndMerges(folder, "#version: 0.2\r\n\u0120 t\r\nh e\r\n\u0120t he\r\n");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), "tokenizer_class");
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class":"LlamaTokenizer"}""");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), "LlamaTokenizer");
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class":"GPT2Tokenizer","add_bos_token":true,"add_prefix_space":true,"bos_token":"<s>","added_tokens_decoder":{"260":{"content":"<s>","special":true}}}""");
        Tokenizer gpt2 = Tokenizer.Load(folder.Path);
        File.WriteAllText(folder["added_tokens.json"], """{"<s>":260,"<t>":261}""");
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class":"Qwen2Tokenizer","eos_token":"<s>"}""");
        Tokenizer qwen = Tokenizer.Load(folder.Path);

        CollectionAssert.AreEqual(new[] { 260, 258 }, gpt2.Encode("the"));
        CollectionAssert.AreEqual(new[] { 258, 261 }, qwen.Encode(" the<t>"));
        Assert.AreEqual(qwen.TokenId("\u00C3"), qwen.Encode("e\u0301")[0]);
        Assert.AreEqual(260, qwen.EosId);
        Assert.IsTrue(qwen.IsSpecial(260));
        Assert.IsFalse(qwen.IsSpecial(261));
        Assert.AreNotEqual(gpt2.Hash, qwen.Hash);
    }

    [TestMethod]
    [DataRow("h e\nq\u00E9 \n", "two tokens")]
    [DataRow("h zz\n", "zz")]
    [DataRow("h e\n#version: 0.2\n", "#version")]
    public void Load_MalformedMerges_AreRefusedByFileName(string merges, string named)
    {
        using var folder = new TempFolder();
        WriteVocabAndMerges(folder, merges);
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class":"GPT2Tokenizer"}""");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), "merges.txt", named);
    }

    [TestMethod]
    public void Load_MergesThatAreNoUtf8_AreRefused()
    {
        using var folder = new TempFolder();
        WriteVocabAndMerges(folder, "");
        File.WriteAllBytes(folder["merges.txt"], [(byte)'h', (byte)' ', 0xC3, 0x28]);
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class":"GPT2Tokenizer"}""");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), "merges.txt", "UTF-8");
    }

    [TestMethod]
    public void Load_SpecialTokenWithoutAnId_IsRefused()
    {
        using var folder = new TempFolder();
        WriteVocabAndMerges(folder, "h e\n");
        File.WriteAllText(folder["tokenizer_config.json"], """{"tokenizer_class":"GPT2Tokenizer","bos_token":"<nowhere>"}""");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), "<nowhere>");
    }

    [TestMethod]
    public void Load_TokenizerModel_MergesByRankAndAddsTheSpecialTokens()
    {
        Tokenizer tokenizer = TinyTokenizer.LoadFile("tokenizer.model", Encoding.UTF8.GetBytes(TiktokenModel.Value));
        int[] ids = tokenizer.Encode("ab<|eot_id|>");

        CollectionAssert.AreEqual(new[] { 128000, 256 + ('a' * 256) + 'b', 128009 }, ids);
        Assert.AreEqual(128000, tokenizer.BosId);
        Assert.AreEqual(128256, tokenizer.VocabularySize);
        Assert.AreEqual("<|reserved_special_token_0|>", tokenizer.Display(128002));
        Assert.AreEqual("ab", tokenizer.Decode(ids, skipSpecial: true));
        // Three bytes: the pair of the lower rank joins first, "ab" before "bc".
        CollectionAssert.AreEqual(new[] { 256 + ('a' * 256) + 'b', (int)'c' }, tokenizer.Encode("abc", new TokenizeOptions { AddSpecial = false }));
    }

    [TestMethod]
    public void Load_TruncatedTokenizerModel_IsRefused()
    {
        byte[] whole = Encoding.UTF8.GetBytes(TiktokenModel.Value);
        foreach (int length in (int[])[1, 5, 8, whole.Length / 2, whole.Length - 2, whole.Length - 7, whole.Length - 15])
            TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.model", whole[..length]), "tokenizer.model", "truncated");
        TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.model", []), "tokenizer.model", "is empty");
        TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.model", Encoding.UTF8.GetBytes(Model(127_999))), "127999 tokens", "128000");
    }

    [TestMethod]
    [DataRow("AA== 1\n")]
    [DataRow("AA== -1\n")]
    [DataRow("AA== 99999999999\n")]
    [DataRow("AA== 0 0\n")]
    [DataRow("AA==\n")]
    [DataRow(" 0\n")]
    [DataRow("A? 0\n")]
    [DataRow("\n\u000E\n\u0005<unk>\u0015\0\0\0\0")]
    public void Load_TokenizerModelOfAnotherForm_IsRefused(string content) =>
        TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.model", Encoding.UTF8.GetBytes(content)), "tokenizer.model", "token 0", "SentencePiece");

    [TestMethod]
    public void Load_TokenizerModelWithATokenTwice_IsRefused()
    {
        string twice = TiktokenModel.Value.Replace("AQ== 1\n", "AA== 1\n", StringComparison.Ordinal);
        TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.model", Encoding.UTF8.GetBytes(twice)), "tokenizer.model", "two ids");
    }

    private static void WriteVocabAndMerges(TempFolder folder, string merges)
    {
        JsonObject vocabulary = TinyTokenizer.ByteLevel().Vocabulary;
        File.WriteAllText(folder["vocab.json"], vocabulary.ToJsonString());
        File.WriteAllText(folder["merges.txt"], merges);
    }

    // The bytes, then all pairs of bytes, then longer ones that no letters make.
    private static string Model(int count)
    {
        var lines = new StringBuilder();
        for (int rank = 0; rank < count; rank++)
        {
            byte[] token = rank switch
            {
                < 256 => [(byte)rank],
                < 256 + 65536 => [(byte)((rank - 256) >> 8), (byte)(rank - 256)],
                _ => [0, (byte)(rank >> 16), (byte)(rank >> 8), (byte)rank],
            };
            lines.Append(CultureInfo.InvariantCulture, $"{Convert.ToBase64String(token)} {rank}\n");
        }

        return lines.ToString();
    }
}
