using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace OnnxLens.Tokenization;

/// <summary>
/// Reads <c>tokenizer.model</c> of Llama 3: lines <c>base64 rank</c>. A pair of tokens merges where
/// both joined are a token, that of the lowest rank first, so the merges follow from the tokens.
/// </summary>
internal static class TiktokenModelReader
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.model";

    /// <summary>The tokens of Llama 3 without its special ones, which come after them.</summary>
    public const int TokenCount = 128_000;

    private const int SpecialCount = 256;

    // As Meta's own tokenizer names them (Llama 3.1); the reserved ones fill the gaps in order.
    private static readonly (int Offset, string Content)[] NamedSpecials =
    [
        (0, "<|begin_of_text|>"), (1, "<|end_of_text|>"), (4, "<|finetune_right_pad_id|>"), (5, "<|step_id|>"),
        (6, "<|start_header_id|>"), (7, "<|end_header_id|>"), (8, "<|eom_id|>"), (9, "<|eot_id|>"),
        (10, "<|python_tag|>"), (11, "<|image|>"),
    ];

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="TokenizerException">The file is malformed, truncated, or of another model.</exception>
    public static TokenizerDefinition Read(TokenizerFolder folder)
    {
        List<byte[]> tokens = ReadTokens(folder.ReadDeciding(FileName));
        TokenizerConfig config = TokenizerConfig.Load(folder, deciding: true);
        var vocabulary = new Vocabulary(FileName);
        for (int rank = 0; rank < tokens.Count; rank++)
            vocabulary.Add(ByteAlphabet.Spell(tokens[rank]), rank);
        var definition = new TokenizerDefinition
        {
            Vocabulary = vocabulary,
            Merges = Merges(vocabulary),
            AddedTokens = AddedTokens(config, vocabulary),
            PreTokenizer = new PreTokenizer([new SplitPattern(SplitPattern.Llama3)]),
            ByteLevel = true,
            IgnoreMerges = true,
        };
        int? bos = SpecialIds.Find(config.BosToken ?? NamedSpecials[0].Content, definition);
        int? eos = SpecialIds.Find(config.EosToken ?? NamedSpecials[1].Content, definition);
        return definition with
        {
            BosId = bos,
            EosId = eos,
            Prefix = config.AddBos != false && bos is { } first ? [first] : [],
            Suffix = config.AddEos == true && eos is { } last ? [last] : [],
        };
    }

    private static List<byte[]> ReadTokens(ReadOnlySpan<byte> file)
    {
        List<byte[]> tokens = new(TokenCount);
        foreach (Range range in file.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = file[range].TrimEnd((byte)'\r');
            if (!line.IsEmpty)
                tokens.Add(ReadLine(line, tokens.Count));
        }

        return tokens.Count == TokenCount ? tokens : throw Malformed($"{tokens.Count} tokens", $"the {TokenCount} of Llama 3");
    }

    private static byte[] ReadLine(ReadOnlySpan<byte> line, int rank)
    {
        int space = line.IndexOf((byte)' ');
        var token = new byte[Base64.GetMaxDecodedFromUtf8Length(Math.Max(space, 0))];
        int length = 0;
        bool wellFormed = space > 0
            && Base64.DecodeFromUtf8(line[..space], token, out _, out length) == OperationStatus.Done
            && length > 0
            && Utf8Parser.TryParse(line[(space + 1)..], out int written, out int digits) && digits == line.Length - space - 1
            && written == rank;
        return wellFormed ? token[..length] : throw Malformed($"malformed at token {rank}", $"\"base64 {rank}\"");
    }

    private static MergeTable Merges(Vocabulary vocabulary)
    {
        var merges = new MergeTable(vocabulary, FileName);
        foreach ((int id, string spelling) in vocabulary.All())
        {
            for (int cut = 1; cut < spelling.Length; cut++)
            {
                int left = vocabulary.IdOf(spelling.AsSpan(0, cut));
                int right = vocabulary.IdOf(spelling.AsSpan(cut));
                if (left >= 0 && right >= 0)
                    merges.Add(left, right, rank: id, id);
            }
        }

        return merges;
    }

    private static AddedToken[] AddedTokens(TokenizerConfig config, Vocabulary vocabulary)
    {
        var tokens = new AddedTokenList(TokenizerConfig.FileName, vocabulary);
        foreach (AddedToken token in config.AddedTokens.Count > 0 ? config.AddedTokens : DefaultSpecials())
            tokens.Add(token);
        return tokens.ToArray();
    }

    private static List<AddedToken> DefaultSpecials()
    {
        Dictionary<int, string> named = NamedSpecials.ToDictionary(entry => entry.Offset, entry => entry.Content);
        List<AddedToken> tokens = [];
        int reserved = 0;
        for (int offset = 0; offset < SpecialCount; offset++)
        {
            string content = named.TryGetValue(offset, out string? name)
                ? name
                : string.Create(CultureInfo.InvariantCulture, $"<|reserved_special_token_{reserved++}|>");
            tokens.Add(new AddedToken(TokenCount + offset, content, Special: true));
        }

        return tokens;
    }

    private static TokenizerException Malformed(FormattableString found, FormattableString expected) => new(
        $"{FileName}: {found.ToString(CultureInfo.InvariantCulture)}; expected {expected.ToString(CultureInfo.InvariantCulture)}. The file is truncated or another model's: fetch it again. A SentencePiece model is not read: add its {TokenizerJsonReader.FileName}.");
}
