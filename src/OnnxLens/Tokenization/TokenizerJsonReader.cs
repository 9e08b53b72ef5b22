using System.Globalization;

namespace OnnxLens.Tokenization;

/// <summary>Reads <c>tokenizer.json</c> with a BPE model.</summary>
/// <remarks>
/// The file alone decides the ids, as the Rust library that writes it would read it.
/// <c>tokenizer_config.json</c> names BOS and EOS and changes nothing. <c>truncation</c> and
/// <c>padding</c> are settings of a batch, not of a text, and are passed over.
/// </remarks>
internal static class TokenizerJsonReader
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="TokenizerException">The file is malformed or has a part that is not supported.</exception>
    public static TokenizerDefinition Read(TokenizerFolder folder)
    {
        TokenizerDefinition definition = JsonField.Read(FileName, folder.ReadDeciding(FileName), ReadRoot);
        TokenizerConfig config = TokenizerConfig.Load(folder, deciding: false);
        return definition with
        {
            BosId = SpecialIds.Find(config.BosToken, definition) ?? Only(definition.Prefix),
            EosId = SpecialIds.Find(config.EosToken, definition) ?? Only(definition.Suffix),
        };
    }

    private static int? Only(IReadOnlyList<int> ids) => ids.Count == 1 ? ids[0] : null;

    private static TokenizerDefinition ReadRoot(JsonField root)
    {
        JsonField model = Model(root["model"]);
        Vocabulary vocabulary = Vocabulary.Read(model["vocab"]);
        (PreTokenizer preTokenizer, bool byteLevel) = PreTokenizerReader.Read(root["pre_tokenizer"]);
        (IReadOnlyList<int> prefix, IReadOnlyList<int> suffix) = PostProcessorReader.Read(root["post_processor"]);
        return new TokenizerDefinition
        {
            Vocabulary = vocabulary,
            Merges = ReadMerges(model["merges"], vocabulary),
            AddedTokens = ReadAddedTokens(root["added_tokens"], vocabulary),
            Normalizer = NormalizerReader.Read(root["normalizer"]),
            PreTokenizer = preTokenizer,
            ByteLevel = byteLevel,
            IgnoreMerges = model["ignore_merges"].Flag(false),
            ByteFallback = model["byte_fallback"].Flag(false),
            UnknownToken = model["unk_token"].TextOrNull(),
            FuseUnknown = model["fuse_unk"].Flag(false),
            StripLeadingSpace = DecoderReader.StripsLeadingSpace(root["decoder"], byteLevel),
            Prefix = prefix,
            Suffix = suffix,
        };
    }

    // Old files leave the type out: what has vocab and merges is BPE.
    private static JsonField Model(JsonField model)
    {
        if (!model.IsObject)
            throw model.Unexpected("an object");
        if (model["type"].IsNull ? model["merges"].IsNull : model["type"].Text() != "BPE")
            throw model.Unexpected("a model of the type \"BPE\"", "Other models (Unigram, WordPiece, WordLevel) are not supported.");
        foreach (string name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model[name].TextOrNull() is { Length: > 0 })
                throw model[name].Unexpected("null or \"\"", "Marked subwords are not supported.");
        }

        return model["dropout"].IsNull || model["dropout"].IsZero
            ? model
            : throw model["dropout"].Unexpected("null or 0", "Dropout makes ids random and belongs to training: set it to null.");
    }

    private static MergeTable ReadMerges(JsonField field, Vocabulary vocabulary)
    {
        if (!field.IsArray)
            throw field.Unexpected("an array of merges");
        var merges = new MergeTable(vocabulary, field.Where);
        int rank = 0;
        foreach (JsonField merge in field.Items())
        {
            if (merge.IsText)
                merges.Add(merge.Text(), rank);
            else if (merge.IsArray && merge.Items().ToList() is [{ } left, { } right])
                merges.Add(left.Text(), right.Text(), rank);
            else
                throw merge.Unexpected("\"left right\" or [\"left\", \"right\"]");
            rank++;
        }

        return merges;
    }

    private static AddedToken[] ReadAddedTokens(JsonField field, Vocabulary vocabulary)
    {
        var tokens = new AddedTokenList(field.Where, vocabulary);
        foreach (JsonField entry in field.Items())
        {
            long id = entry["id"].Integer();
            if (id is < 0 or >= Vocabulary.IdLimit)
                throw entry["id"].Unexpected(string.Create(CultureInfo.InvariantCulture, $"0 to {Vocabulary.IdLimit - 1}"));
            tokens.Add(TokenizerConfig.ParseFlags(entry, (int)id));
        }

        return tokens.ToArray();
    }
}
