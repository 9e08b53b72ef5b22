using System.Text;
using OnnxLens.Testing;
using OnnxLens.Tokenization;

namespace OnnxLens.Tests.Tokenization;

/// <summary>Damaged files and kinds that are not built are refused, by name.</summary>
[TestClass]
public sealed class TokenizerRefusalTests
{
    [TestMethod]
    public void Load_FolderWithoutATokenizer_IsRefused()
    {
        using var folder = new TempFolder();
        Assert.IsFalse(Tokenizer.Exists(folder.Path));
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), folder.Path, "tokenizer.json");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder["none"]), "tokenizer.json");
        File.WriteAllText(folder["vocab.json"], "{}");
        Assert.IsFalse(Tokenizer.Exists(folder.Path));
        File.WriteAllText(folder["merges.txt"], "");
        Assert.IsTrue(Tokenizer.Exists(folder.Path));
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), "vocab.json", "at least one token");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{")]
    [DataRow("[]")]
    [DataRow("null")]
    [DataRow("\"text\"")]
    [DataRow("{\"model\":")]
    [DataRow("{}x")]
    [DataRow("{}")]
    [DataRow("{\"model\":3}")]
    [DataRow("{\"model\":{}}")]
    [DataRow("{\"model\":{\"type\":3}}")]
    [DataRow("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"\\uD800\":0},\"merges\":[]}}")]
    public void Load_MalformedJson_IsRefusedByFileName(string content) =>
        TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.json", Encoding.UTF8.GetBytes(content)), "tokenizer.json");

    [TestMethod]
    [Timeout(60_000)]
    public void Encode_PatternThatBacktracksWithoutEnd_IsRefused()
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Root["pre_tokenizer"] = TinyTokenizer.Parse(
            """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(.*)*x"},"behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}""");
        Tokenizer tokenizer = tiny.Load();
        TinyTokenizer.AssertRefused(() => tokenizer.Encode(new string('a', 60)), "tokenizer.json", "(.*)*x", "token ids");
    }

    [TestMethod]
    public void Load_EveryTruncation_IsRefused()
    {
        byte[] whole = Encoding.UTF8.GetBytes(TinyTokenizer.Pieces().Root.ToJsonString());
        for (int length = 0; length < whole.Length; length += 97)
            TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.json", whole[..length]), "tokenizer.json");
    }

    [TestMethod]
    public void Load_BytesThatAreNoUtf8_AreRefused()
    {
        byte[] bytes = [.. "{\"model\":{\"type\":\"BPE\",\"vocab\":{\""u8, 0xC3, 0x28, .. "\":0},\"merges\":[]}}"u8];
        TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.json", bytes), "tokenizer.json");
    }

    [TestMethod]
    [DataRow("type", "\"Unigram\"", "Unigram")]
    [DataRow("type", "\"WordPiece\"", "WordPiece")]
    [DataRow("vocab", "null", "model.vocab")]
    [DataRow("vocab", "{}", "model.vocab")]
    [DataRow("vocab", "[[\"a\",-1.5]]", "model.vocab")]
    [DataRow("vocab", "{\"a\":0,\"b\":0}", "\"b\"")]
    [DataRow("vocab", "{\"a\":0,\"a\":1}", "two ids")]
    [DataRow("vocab", "{\"a\":-1}", "-1")]
    [DataRow("vocab", "{\"a\":1e3}", "whole number")]
    [DataRow("vocab", "{\"a\":0.5}", "0.5")]
    [DataRow("vocab", "{\"a\":2147483647}", "2147483647")]
    [DataRow("vocab", "{\"a\":99999999999999999999}", "99999999999999999999")]
    [DataRow("vocab", "{\"a\":\"0\"}", "whole number")]
    [DataRow("merges", "null", "merges")]
    [DataRow("merges", "{}", "model.merges")]
    [DataRow("merges", "[\"a nothing\"]", "nothing")]
    [DataRow("merges", "[[\"a\",\"nothing\"]]", "nothing")]
    [DataRow("merges", "[\"a b\"]", "\"ab\"")]
    [DataRow("merges", "[\"aa\"]", "two tokens")]
    [DataRow("merges", "[\"a a a\"]", "two tokens")]
    [DataRow("merges", "[\"\"]", "two tokens")]
    [DataRow("merges", "[[\"a\"]]", "model.merges[0]")]
    [DataRow("merges", "[[\"a\",1]]", "model.merges[0][1]")]
    [DataRow("merges", "[7]", "model.merges[0]")]
    [DataRow("dropout", "0.1", "dropout")]
    [DataRow("continuing_subword_prefix", "\"##\"", "continuing_subword_prefix")]
    [DataRow("end_of_word_suffix", "\"</w>\"", "end_of_word_suffix")]
    [DataRow("byte_fallback", "1", "byte_fallback")]
    [DataRow("unk_token", "5", "unk_token")]
    public void Load_ModelField_IsRefusedByName(string field, string value, string named)
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Model.Remove(field);
        string json = tiny.Root.ToJsonString().Replace("\"model\":{", $"\"model\":{{\"{field}\":{value},", StringComparison.Ordinal);
        TinyTokenizer.AssertRefused(() => TinyTokenizer.LoadFile("tokenizer.json", Encoding.UTF8.GetBytes(json)), "tokenizer.json", named);
    }

    [TestMethod]
    public void Load_ModelWithoutAType_IsBpeOnlyWithMerges()
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Model.Remove("type");
        Assert.AreEqual(262, tiny.Load().VocabularySize);
        tiny.Model.Remove("merges");
        tiny.AssertRefused("\"BPE\"");
    }

    [TestMethod]
    [DataRow("normalizer", """{"type":"Lowercase"}""", "Lowercase")]
    [DataRow("normalizer", """{"type":"Precompiled","precompiled_charsmap":""}""", "Precompiled")]
    [DataRow("normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Strip"}]}""", "normalizers[1]")]
    [DataRow("normalizer", """{"type":"Replace","pattern":{"Regex":" +"},"content":" "}""", "pattern.String")]
    [DataRow("normalizer", """{"type":"Replace","pattern":{"String":""},"content":" "}""", "pattern.String")]
    [DataRow("normalizer", "{}", "normalizer.type")]
    [DataRow("normalizer", "\"NFC\"", "normalizer")]
    [DataRow("pre_tokenizer", """{"type":"Metaspace"}""", "replacement")]
    [DataRow("pre_tokenizer", """{"type":"Metaspace","replacement":"_"}""", "\"_\"")]
    [DataRow("pre_tokenizer", """{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"last"}""", "last")]
    [DataRow("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"Metaspace"}]}""", "Metaspace")]
    [DataRow("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Metaspace","replacement":"\u2581"},{"type":"Digits"}]}""", "Digits")]
    [DataRow("pre_tokenizer", """{"type":"BertPreTokenizer"}""", "BertPreTokenizer")]
    [DataRow("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"ByteLevel","add_prefix_space":false},{"type":"Digits"}]}""", "Digits")]
    [DataRow("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"ByteLevel"}]}""", "add_prefix_space")]
    [DataRow("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a"},"behavior":"MergedWithPrevious"}""", "MergedWithPrevious")]
    [DataRow("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a++"},"behavior":"Isolated"}""", "a++")]
    [DataRow("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Isolated"}""", "escape")]
    [DataRow("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"["},"behavior":"Isolated"}""", "Regex")]
    [DataRow("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\"},"behavior":"Isolated"}""", "Regex")]
    [DataRow("pre_tokenizer", """{"type":"Split","pattern":{},"behavior":"Isolated"}""", "Regex")]
    [DataRow("post_processor", """{"type":"BertProcessing","sep":["</s>",2],"cls":["<s>",0]}""", "BertProcessing")]
    [DataRow("post_processor", """{"type":"TemplateProcessing","single":[],"special_tokens":{}}""", "single")]
    [DataRow("post_processor", """{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B"}}],"special_tokens":{}}""", "\"B\"")]
    [DataRow("post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}}],"special_tokens":{}}""", "special_tokens.x")]
    [DataRow("post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{"id":"A"}}],"special_tokens":{"x":{"ids":[-1]}}}""", "-1")]
    [DataRow("decoder", """{"type":"WordPiece"}""", "WordPiece")]
    [DataRow("added_tokens", """[{"id":0,"content":"x"}]""", "\"x\"")]
    [DataRow("added_tokens", """[{"id":260,"content":"x"},{"id":260,"content":"y"}]""", "260")]
    [DataRow("added_tokens", """[{"id":260,"content":"xx"},{"id":261,"content":"xx"}]""", "261")]
    [DataRow("added_tokens", """[{"id":260,"content":"he"}]""", "257")]
    [DataRow("added_tokens", """[{"id":-1,"content":"x"}]""", "-1")]
    [DataRow("added_tokens", """[{"id":2000000000,"content":"x"}]""", "2000000000")]
    [DataRow("added_tokens", """[{"content":"x"}]""", "added_tokens[0].id")]
    [DataRow("added_tokens", """[{"id":260}]""", "added_tokens[0].content")]
    [DataRow("added_tokens", """[{"id":260,"content":"x","special":"yes"}]""", "special")]
    [DataRow("added_tokens", "7", "added_tokens")]
    public void Load_PartThatIsNotSupported_IsRefusedByName(string field, string json, string named)
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Root[field] = TinyTokenizer.Parse(json);
        tiny.AssertRefused("tokenizer.json", field, named);
    }

    [TestMethod]
    public void Load_DecoderOfAnotherKindOfVocabulary_IsRefused()
    {
        TinyTokenizer pieces = TinyTokenizer.Pieces();
        pieces.Root["decoder"] = TinyTokenizer.Parse("""{"type":"ByteLevel"}""");
        pieces.AssertRefused("decoder", "ByteLevel");
    }

    [TestMethod]
    public void Load_MalformedConfigBesideTheTokenizer_IsRefusedByFileName()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["tokenizer.json"], TinyTokenizer.ByteLevel().Root.ToJsonString());
        File.WriteAllText(folder["tokenizer_config.json"], "{");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), "tokenizer_config.json");
        File.WriteAllText(folder["tokenizer_config.json"], """{"added_tokens_decoder":{"x":{"content":"<x>"}}}""");
        TinyTokenizer.AssertRefused(() => Tokenizer.Load(folder.Path), "tokenizer_config.json", "\"x\"");
    }
}
