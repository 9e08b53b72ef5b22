using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>
/// Reads <c>vocab.json</c> and <c>merges.txt</c>, the older form of byte-level BPE (GPT-2, Qwen2).
/// The files do not say how text is cut: the class in <c>tokenizer_config.json</c> does.
/// </summary>
internal static class VocabMergesReader
{
    /// <summary>The name of the file of tokens and ids.</summary>
    public const string VocabFileName = "vocab.json";

    /// <summary>The name of the file of merges, one a line.</summary>
    public const string MergesFileName = "merges.txt";

    private const string AddedFileName = "added_tokens.json";
    private const string EndOfText = "<|endoftext|>";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the files of a folder.</summary>
    /// <exception cref="TokenizerException">A file is malformed, or the class of the tokenizer is not known.</exception>
    public static TokenizerDefinition Read(TokenizerFolder folder)
    {
        Vocabulary vocabulary = JsonField.Read(VocabFileName, folder.ReadDeciding(VocabFileName), Vocabulary.Read);
        TokenizerConfig config = TokenizerConfig.Load(folder, deciding: true);
        bool qwen = IsQwen(config, vocabulary);
        if (qwen)
            TextNormalizer.RequireUnicodeData(VocabFileName);
        var definition = new TokenizerDefinition
        {
            Vocabulary = vocabulary,
            Merges = ReadMerges(folder.ReadDeciding(MergesFileName), vocabulary),
            AddedTokens = ReadAddedTokens(folder, config, vocabulary),
            Normalizer = qwen ? TextNormalizer.FormC : TextNormalizer.None,
            PreTokenizer = new PreTokenizer(
                [new SplitPattern(qwen ? SplitPattern.Qwen2 : SplitPattern.Gpt2)],
                !qwen && config.AddPrefixSpace == true ? SegmentPrefix.PlainSpace : null),
            ByteLevel = true,
        };
        int? bos = SpecialIds.Find(config.BosToken ?? (qwen ? null : EndOfText), definition);
        return definition with
        {
            BosId = bos,
            EosId = SpecialIds.Find(config.EosToken ?? EndOfText, definition),
            Prefix = !qwen && config.AddBos == true && bos is { } id ? [id] : [],
        };
    }

    // Without a class: GPT-2 and its kin have <|endoftext|> in vocab.json itself; Qwen2 does not.
    private static bool IsQwen(TokenizerConfig config, Vocabulary vocabulary) => config.TokenizerClass switch
    {
        "Qwen2Tokenizer" or "Qwen2TokenizerFast" => true,
        "GPT2Tokenizer" or "GPT2TokenizerFast" => false,
        null when vocabulary.IdOf(EndOfText) >= 0 => false,
        { } other => throw new TokenizerException(
            $"{TokenizerConfig.FileName}: tokenizer_class is \"{other}\"; expected GPT2Tokenizer or Qwen2Tokenizer beside {VocabFileName} and {MergesFileName}. Other classes are read from {TokenizerJsonReader.FileName} only: add that file."),
        null => throw new TokenizerException(
            $"{TokenizerConfig.FileName}: tokenizer_class is missing, and {VocabFileName} does not say how text is cut; expected GPT2Tokenizer or Qwen2Tokenizer. Add {TokenizerJsonReader.FileName}, or {TokenizerConfig.FileName} with the class."),
    };

    private static MergeTable ReadMerges(byte[] bytes, Vocabulary vocabulary)
    {
        string text;
        try
        {
            text = StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new TokenizerException($"{MergesFileName}: not valid UTF-8: {e.Message} Expected one merge a line. Fetch the file again.", e);
        }

        var merges = new MergeTable(vocabulary, MergesFileName);
        int rank = 0;
        bool first = true;
        foreach (Range range in text.AsSpan().Split('\n'))
        {
            ReadOnlySpan<char> line = text.AsSpan(range).TrimEnd('\r');
            if (!line.IsEmpty && !(first && line.StartsWith("#version")))
                merges.Add(line.ToString(), rank++);
            first = false;
        }

        return merges;
    }

    private static AddedToken[] ReadAddedTokens(TokenizerFolder folder, TokenizerConfig config, Vocabulary vocabulary)
    {
        var tokens = new AddedTokenList(TokenizerConfig.FileName, vocabulary);
        foreach (AddedToken token in config.AddedTokens)
            tokens.Add(token);
        if (folder.Has(AddedFileName))
        {
            var listed = JsonField.Read(AddedFileName, folder.ReadDeciding(AddedFileName), Vocabulary.Read);
            foreach ((int id, string content) in listed.All())
            {
                if (!tokens.Has(content))
                    tokens.Add(new AddedToken(id, content, config.SpecialTexts.Contains(content)));
            }
        }

        foreach (string text in config.SpecialTexts.Append(EndOfText).Where(text => !tokens.Has(text)).Distinct())
        {
            int id = vocabulary.IdOf(text);
            if (id >= 0)
                tokens.Add(new AddedToken(id, text, Special: true));
            else if (config.SpecialTexts.Contains(text))
                throw NoId(text);
        }

        return tokens.ToArray();
    }

    private static TokenizerException NoId(string text) => new(
        $"{TokenizerConfig.FileName}: the special token \"{text}\" has no id; expected it in {VocabFileName}, {AddedFileName} or added_tokens_decoder. Add the file of the checkpoint that lists it.");
}
