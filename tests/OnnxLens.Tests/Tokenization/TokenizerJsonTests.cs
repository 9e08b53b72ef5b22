using System.Diagnostics;
using System.Text.Json.Nodes;
using OnnxLens.Tokenization;

namespace OnnxLens.Tests.Tokenization;

/// <summary>What a tokenizer.json means, on small ones made here.</summary>
[TestClass]
public sealed class TokenizerJsonTests
{
    private static readonly TokenizeOptions Plain = new() { ParseSpecial = false };

    [TestMethod]
    public void Encode_ByteLevel_MergesByRankWithinWords()
    {
        Tokenizer tokenizer = TinyTokenizer.ByteLevel().Load();

        AssertEncodes(tokenizer, "a the", "a", "\u0120the");
        AssertEncodes(tokenizer, "aaaaa", "aa", "aa", "a");
        AssertEncodes(tokenizer, "th e", "t", "h", "\u0120", "e");
        AssertEncodes(tokenizer, "é", "Ã", "©");
        AssertEncodes(tokenizer, "\0", "\u0100");
        Assert.AreEqual(262, tokenizer.VocabularySize);
        Assert.IsNull(tokenizer.BosId);
    }

    [TestMethod]
    public void Encode_EmptyText_GivesWhatThePostProcessorAdds()
    {
        Tokenizer bare = TinyTokenizer.ByteLevel().Load();
        Tokenizer withBos = TinyTokenizer.Pieces().Load();

        Assert.IsEmpty(bare.Encode(""));
        CollectionAssert.AreEqual(new[] { 1 }, withBos.Encode(""));
        Assert.IsEmpty(withBos.Encode("", new TokenizeOptions { AddSpecial = false }));
        Assert.AreEqual(1, withBos.BosId);
    }

    [TestMethod]
    public void Encode_AddedTokensInText_AreParsedOrTextAsAsked()
    {
        Tokenizer tokenizer = TinyTokenizer.ByteLevel().Load();
        const string Text = "<s>a<think>";

        AssertEncodes(tokenizer, Text, "<s>", "a", "<think>");
        CollectionAssert.DoesNotContain(tokenizer.Encode(Text, Plain), 260);
        CollectionAssert.DoesNotContain(tokenizer.Encode(Text, Plain), 261);
        int[] split = tokenizer.Encode(Text, Plain with { ParseNonSpecial = true });
        CollectionAssert.DoesNotContain(split, 260);
        Assert.AreEqual(261, split[^1]);
        Assert.AreEqual("a<think>", tokenizer.Decode(tokenizer.Encode(Text), skipSpecial: true));
    }

    [TestMethod]
    public void Encode_AddedTokensThatOverlap_LongestOfTheLeftmostCounts()
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Root["added_tokens"] = new JsonArray(TinyTokenizer.Added(260, "ab"), TinyTokenizer.Added(261, "abc"), TinyTokenizer.Added(262, "bcd"));
        AssertEncodes(tiny.Load(), "xabcd", "x", "abc", "d");
    }

    [TestMethod]
    public void Encode_AddedTokenFlags_AreObeyed()
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        JsonObject left = TinyTokenizer.Added(260, "<l>");
        left["lstrip"] = true;
        JsonObject right = TinyTokenizer.Added(261, "<r>");
        right["rstrip"] = true;
        JsonObject word = TinyTokenizer.Added(262, "cat");
        word["single_word"] = true;
        tiny.Root["added_tokens"] = new JsonArray(left, right, word);
        Tokenizer tokenizer = tiny.Load();

        AssertEncodes(tokenizer, "x \n<l> y", "x", "<l>", "\u0120", "y");
        AssertEncodes(tokenizer, "x <r> \ny", "x", "\u0120", "<r>", "y");
        AssertEncodes(tokenizer, "cat cats", "cat", "\u0120", "c", "a", "t", "s");
    }

    [TestMethod]
    public void Encode_NormalizedAddedToken_MatchesInTheNormalizedText()
    {
        TinyTokenizer tiny = TinyTokenizer.Pieces();
        foreach (JsonNode? token in tiny.Root["added_tokens"]!.AsArray())
            token!["normalized"] = true;
        Tokenizer tokenizer = tiny.Load();
        var bare = new TokenizeOptions { AddSpecial = false };

        CollectionAssert.AreEqual(new[] { 2, 260 }, tokenizer.Encode("</s>h", bare));
        CollectionAssert.DoesNotContain(tokenizer.Encode("h</s>", bare), 2);
        CollectionAssert.AreEqual(new[] { 263, 2 }, tokenizer.Encode("h </s>", bare));
    }

    [TestMethod]
    public void Encode_Pieces_PutsASpaceBeforeEachSegmentAndFallsBackToBytes()
    {
        Tokenizer tokenizer = TinyTokenizer.Pieces().Load();

        AssertEncodes(tokenizer, "hmmm", "<s>", "\u2581h", "mm", "m");
        AssertEncodes(tokenizer, "h</s>h", "<s>", "\u2581h", "</s>", "\u2581h");
        AssertEncodes(tokenizer, "é", "<s>", "\u2581", "<0xC3>", "<0xA9>");
        AssertEncodes(tokenizer, "\0", "<s>", "\u2581", "<0x00>");
        Assert.AreEqual("hé h", tokenizer.Decode(tokenizer.Encode("hé h"), skipSpecial: true));
    }

    [TestMethod]
    [DataRow("\"prepend_scheme\":\"first\",\"split\":false", "<s>|\u2581h|</s>|h|mm")]
    [DataRow("\"prepend_scheme\":\"always\",\"split\":false", "<s>|\u2581h|</s>|\u2581h|mm")]
    [DataRow("\"prepend_scheme\":\"never\"", "<s>|h|</s>|h|mm")]
    [DataRow("\"add_prefix_space\":false", "<s>|h|</s>|h|mm")]
    [DataRow("\"str_rep\":\"\u2581\"", "<s>|\u2581h|</s>|\u2581h|mm")]
    public void Encode_Metaspace_PutsTheSpaceWhereTheSchemeSays(string fields, string expected)
    {
        TinyTokenizer tiny = TinyTokenizer.Pieces();
        tiny.Root["normalizer"] = null;
        tiny.Root["pre_tokenizer"] = TinyTokenizer.Parse($$"""{"type":"Metaspace","replacement":"\u2581",{{fields}}}""");
        Tokenizer tokenizer = tiny.Load();

        AssertEncodes(tokenizer, "h</s>hmm", expected.Split('|'));
        AssertEncodes(tokenizer, " h h", "<s>", "\u2581h", "\u2581h");
    }

    [TestMethod]
    public void Encode_MetaspaceThatSplits_MergesNothingAcrossASpace()
    {
        TinyTokenizer tiny = TinyTokenizer.Pieces();
        tiny.Root["normalizer"] = null;
        tiny.Root["pre_tokenizer"] = TinyTokenizer.Parse("""{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"never"}""");
        tiny.Vocabulary.Add("h\u2581", 264);
        tiny.Model["merges"]!.AsArray().Insert(0, new JsonArray("h", "\u2581"));

        AssertEncodes(tiny.Load(), "h h", "<s>", "h", "\u2581h");
    }

    [TestMethod]
    public void Encode_NoByteFallback_UnknownCharactersBecomeTheUnknownToken()
    {
        TinyTokenizer tiny = TinyTokenizer.Pieces();
        tiny.Model["byte_fallback"] = false;
        AssertEncodes(tiny.Load(), "héü", "<s>", "\u2581h", "<unk>");
        tiny.Model["fuse_unk"] = false;
        AssertEncodes(tiny.Load(), "héü", "<s>", "\u2581h", "<unk>", "<unk>");
        tiny.Model["unk_token"] = null;
        Tokenizer without = tiny.Load();
        TinyTokenizer.AssertRefused(() => without.Encode("hé"), "U+00E9", "model.vocab");
    }

    [TestMethod]
    public void Encode_IgnoreMerges_TakesAWordThatIsAToken()
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Vocabulary.Add("cat", 262);
        AssertEncodes(tiny.Load(), "cat", "c", "a", "t");
        tiny.Model["ignore_merges"] = true;
        AssertEncodes(tiny.Load(), "cat", "cat");
    }

    [TestMethod]
    public void Encode_FormC_ComposesBetweenAddedTokens()
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Root["normalizer"] = TinyTokenizer.Parse("""{"type":"NFC"}""");
        Tokenizer tokenizer = tiny.Load();

        AssertEncodes(tokenizer, "e\u0301", "Ã", "©");
        Assert.AreEqual(260, tokenizer.Encode("<s>\u0338")[0]);
    }

    [TestMethod]
    public void Encode_LettersBeyondTheBasicPlane_StayInOneWord()
    {
        // Were they no letters, "𠀀a" would be two words, and "a" could not join the byte before it.
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Vocabulary.Add("\u0122a", 262);
        tiny.Model["merges"]!.AsArray().Add("\u0122 a");
        AssertEncodes(tiny.Load(), "\U00020000a", "ð", "\u0142", "\u0122", "\u0122a");
    }

    [TestMethod]
    public void Encode_LoneSurrogates_CountAsReplacementCharacters()
    {
        Tokenizer tokenizer = TinyTokenizer.ByteLevel().Load();
        foreach (string text in (string[])["\uD83D", "a\uDE00b", "\uDE00\uD83D", "\uD83D<s>"])
        {
            string repaired = string.Concat(text.Select(c => char.IsSurrogate(c) ? '\uFFFD' : c));
            CollectionAssert.AreEqual(tokenizer.Encode(repaired), tokenizer.Encode(text));
        }
    }

    [TestMethod]
    [DataRow("""{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false}]}""", "a12", "a|1|2")]
    [DataRow("""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"String":"a"},"behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}""", "aa12", "a|a|12")]
    [DataRow("""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\s+"},"behavior":"Removed"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}""", "12 12", "12|12")]
    [DataRow("""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\d+"},"behavior":"Removed","invert":true},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}""", "x12 12y", "12|12")]
    [DataRow("""{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?=1)"},"behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}""", "x12a12", "x|12|a|12")]
    [DataRow("""{"type":"ByteLevel","add_prefix_space":true}""", "12", "\u0120|12")]
    [DataRow("""{"type":"ByteLevel","add_prefix_space":true}""", " the", "\u0120the")]
    public void Encode_PreTokenizers_CutAsTheySay(string preTokenizer, string text, string expected)
    {
        TinyTokenizer tiny = TinyTokenizer.ByteLevel();
        tiny.Vocabulary.Add("12", 262);
        tiny.Model["merges"]!.AsArray().Add("1 2");
        tiny.Root["pre_tokenizer"] = TinyTokenizer.Parse(preTokenizer);
        AssertEncodes(tiny.Load(), text, expected.Split('|'));
    }

    [TestMethod]
    public void Display_PartsOfACharacter_AreShownAsBytes()
    {
        Tokenizer tokenizer = TinyTokenizer.ByteLevel().Load();

        Assert.AreEqual("<0xC3>", tokenizer.Display(tokenizer.TokenId("Ã")!.Value));
        Assert.AreEqual(" the", tokenizer.Display(258));
        Assert.AreEqual("<s>", tokenizer.Display(260));
        Assert.AreEqual("<id 999>", tokenizer.Display(999));
        Assert.AreEqual("<id -1>", tokenizer.Display(-1));
        Assert.IsEmpty(tokenizer.Bytes(999));
        Assert.IsFalse(tokenizer.IsSpecial(999));
    }

    [TestMethod]
    public void Push_BytesOfOneCharacter_EmitsItWhole()
    {
        Tokenizer tokenizer = TinyTokenizer.ByteLevel().Load();
        StreamingDecoder decoder = tokenizer.CreateStreamingDecoder(skipSpecial: true);
        int[] ids = tokenizer.Encode("\U0001F600<s>!");

        CollectionAssert.AreEqual(new[] { "", "", "", "\U0001F600", "", "!" }, ids.Select(decoder.Push).ToArray());
        Assert.AreEqual("", decoder.Flush());
        Assert.AreEqual("", decoder.Push(ids[0]));
        Assert.AreEqual("\uFFFD", decoder.Flush());
        Assert.AreEqual("", decoder.Flush());
    }

    [TestMethod]
    public void Push_FirstPieceOfAStream_LosesItsSpaceUnlessItContinues()
    {
        Tokenizer tokenizer = TinyTokenizer.Pieces().Load();
        StreamingDecoder fresh = tokenizer.CreateStreamingDecoder(skipSpecial: true);
        StreamingDecoder continued = tokenizer.CreateStreamingDecoder(skipSpecial: true, continues: true);
        int[] ids = tokenizer.Encode("h h");

        Assert.AreEqual("h h", string.Concat(ids.Select(fresh.Push)));
        Assert.AreEqual(" h h", string.Concat(ids.Select(continued.Push)));
    }

    [TestMethod]
    [DataRow(true, 'a', 500_000)]
    [DataRow(false, 'm', 500_001)]
    [DataRow(true, ' ', 1_000_000)]
    [DataRow(true, '\n', 1_000_000)]
    [DataRow(true, '7', 1_000_000)]
    [DataRow(true, '-', 1_000_000)]
    public void Encode_AMillionOfOneCharacter_TakesSecondsNotHours(bool byteLevel, char character, int count)
    {
        // Quadratic merging or matching of a million characters takes hours: the bound is far from both.
        TinyTokenizer tiny = byteLevel ? TinyTokenizer.ByteLevel() : TinyTokenizer.Pieces();
        if (byteLevel)
        {
            tiny.Root["pre_tokenizer"] = TinyTokenizer.Parse("""
                {"type":"Sequence","pretokenizers":[
                  {"type":"Split","behavior":"Isolated","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"}},
                  {"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]}
                """);
        }

        Tokenizer tokenizer = tiny.Load();
        string text = new(character, 1_000_000);
        var watch = Stopwatch.StartNew();
        int[] ids = tokenizer.Encode(text, new TokenizeOptions { AddSpecial = false });

        Assert.IsLessThan(120, watch.Elapsed.TotalSeconds);
        Assert.HasCount(count, ids);
        Assert.AreEqual(text, tokenizer.Decode(ids));
    }

    [TestMethod]
    public void Encode_ByManyThreads_GivesTheSameIds()
    {
        Tokenizer tokenizer = TinyTokenizer.ByteLevel().Load();
        int[] expected = tokenizer.Encode("the the aaaa <s> 12");
        Parallel.For(0, 200, _ => CollectionAssert.AreEqual(expected, tokenizer.Encode("the the aaaa <s> 12")));
    }

    private static void AssertEncodes(Tokenizer tokenizer, string text, params string[] tokens)
    {
        string[] unknown = [.. tokens.Where(token => tokenizer.TokenId(token) is null)];
        Assert.IsEmpty(unknown, string.Join(' ', unknown));
        CollectionAssert.AreEqual(tokens.Select(token => tokenizer.TokenId(token)!.Value).ToArray(), tokenizer.Encode(text), text);
    }
}
