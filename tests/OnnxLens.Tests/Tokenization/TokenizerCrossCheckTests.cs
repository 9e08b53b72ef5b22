using System.Text.Json;
using Microsoft.ML.Tokenizers;
using OnnxLens.Testing;
using TokenizeOptions = OnnxLens.Tokenization.TokenizeOptions;
using Tokenizer = OnnxLens.Tokenization.Tokenizer;

namespace OnnxLens.Tests.Tokenization;

/// <summary>
/// Our ids against those of Microsoft.ML.Tokenizers, where that is id-exact: byte-level BPE in plain
/// text without characters beyond U+FFFF, for which its patterns have no letters.
/// </summary>
[TestClass]
public sealed class TokenizerCrossCheckTests
{
    private static readonly TokenizeOptions Plain = new() { AddSpecial = false, ParseSpecial = false };

    [TestMethod]
    public void Encode_Llama3_EqualsTiktokenOfThePackage()
    {
        using FileStream file = File.OpenRead(SharedData.Require("data/tokenizers/llama3/tokenizer.model"));
        var splits = new RegexPreTokenizer(new System.Text.RegularExpressions.Regex(SplitOf("llama3")), null);
        TiktokenTokenizer other = TiktokenTokenizer.Create(file, splits, normalizer: null, specialTokens: null, cacheSize: 1);

        AssertSame(TokenizerGoldens.Load("llama3"), text => other.EncodeToIds(text));
    }

    [TestMethod]
    public void Encode_Gpt2_EqualsBpeOfThePackage()
    {
        string folder = TokenizerGoldens.Folder("gpt2");
        const string Split = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
        BpeTokenizer other = BpeTokenizer.Create(new BpeOptions(Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"))
        {
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new System.Text.RegularExpressions.Regex(Split), null),
        });

        AssertSame(TokenizerGoldens.Load("gpt2"), text => other.EncodeToIds(text));
    }

    [TestMethod]
    public void Encode_Qwen2_EqualsBpeOfThePackage()
    {
        string folder = SharedData.Require("data/tokenizers/qwen2");
        BpeTokenizer other = BpeTokenizer.Create(new BpeOptions(Path.Combine(folder, "vocab.json"), Path.Combine(folder, "merges.txt"))
        {
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new System.Text.RegularExpressions.Regex(SplitOf("qwen2")), null),
        });

        AssertSame(TokenizerGoldens.Load("qwen2"), text => other.EncodeToIds(text.Normalize()));
    }

    [TestMethod]
    public void Encode_Llama2RunsOfOneCharacter_DifferFromThePackageAsKnown()
    {
        // Why the package does not do the work: of equal pairs it takes the rightmost. "hmmm" is ▁h mm m.
        using FileStream file = File.OpenRead(SharedData.Require("golden/tokenizers/llama2/tokenizer.model"));
        LlamaTokenizer other = LlamaTokenizer.Create(file, addBeginOfSentence: false);
        Tokenizer own = TokenizerGoldens.Load("llama2");

        CollectionAssert.AreEqual(own.Encode("hello world", Plain), other.EncodeToIds("hello world").ToArray());
        CollectionAssert.AreEqual(new[] { "▁h", "mm", "m" }.Select(token => own.TokenId(token)).ToArray(), own.Encode("hmmm", Plain).Select(id => (int?)id).ToArray());
        CollectionAssert.AreNotEqual(own.Encode("hmmm", Plain), other.EncodeToIds("hmmm").ToArray());
    }

    private static void AssertSame(Tokenizer own, Func<string, IReadOnlyList<int>> other)
    {
        int count = 0;
        foreach (string text in TokenizerGoldens.Texts().Concat(Generated()))
        {
            if (text.Length == 0 || text.Any(char.IsSurrogate))
                continue;
            Assert.AreEqual(string.Join(' ', other(text)), string.Join(' ', own.Encode(text, Plain)), text);
            count++;
        }

        Assert.IsGreaterThan(400, count);
    }

    // Words, digits, marks and white space of several scripts in random order, from a fixed seed.
    private static IEnumerable<string> Generated()
    {
        string[] parts = ["the", "Don't", "'LL", "ing", "7", "1234", " ", "  ", "\n", "\r\n", "\t", "é", "e\u0301", "Straße", "мир", "语言", "ไทย", "한국", "…", "—", "!!", "())", "_x", "\u00A0", "\u3000", "\u200B", "aaaa", "x=="];
        var random = new Random(20250309);
        for (int i = 0; i < 400; i++)
            yield return string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => parts[random.Next(parts.Length)]));
    }

    private static string SplitOf(string name)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(TokenizerGoldens.Folder(name), "tokenizer.json")));
        return file.RootElement.GetProperty("pre_tokenizer").GetProperty("pretokenizers")[0].GetProperty("pattern").GetProperty("Regex").GetString()!;
    }
}
