using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>
/// Text ↔ token ids, as the tokenizer files of a checkpoint say: cut at added tokens, normalize, cut
/// into pieces, merge pairs. Immutable; any number of threads may use one.
/// </summary>
/// <remarks>
/// Read are <c>tokenizer.json</c> with a BPE model (byte-level as in GPT-2, Llama 3 and Qwen, or
/// SentencePiece-style with byte fallback as in Llama 2 and Phi-3), else <c>vocab.json</c> with
/// <c>merges.txt</c> (GPT-2, Qwen2), else Llama 3's <c>tokenizer.model</c>. Other kinds are refused by name.
/// </remarks>
public sealed class Tokenizer
{
    private readonly TokenizerDefinition _definition;
    private readonly BpeModel _model;
    private readonly TokenSpelling _spelling;
    private readonly Dictionary<int, AddedToken> _added = [];
    private readonly Dictionary<string, int> _addedIds = new(StringComparer.Ordinal);
    private readonly AddedTokenMatcher _rawMatcher;
    private readonly AddedTokenMatcher? _normalizedMatcher;

    internal Tokenizer(TokenizerDefinition definition, string hash)
    {
        _definition = definition;
        Hash = hash;
        _model = new BpeModel(definition);
        _spelling = new TokenSpelling(definition.ByteLevel, definition.ByteFallback);
        foreach (AddedToken token in definition.AddedTokens)
        {
            _added[token.Id] = token;
            _addedIds[token.Content] = token.Id;
        }

        _rawMatcher = new AddedTokenMatcher(definition.AddedTokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        if (definition.AddedTokens.Any(t => t.Normalized))
        {
            _normalizedMatcher = new AddedTokenMatcher(
                definition.AddedTokens.Where(t => t.Normalized).Select(t => (definition.Normalizer.Normalize(t.Content), t)));
        }

        VocabularySize = Math.Max(definition.Vocabulary.Size, _added.Count == 0 ? 0 : _added.Keys.Max() + 1);
    }

    /// <summary>SHA-256, lower hex, of the file that decides the ids; of several, SHA-256 of the lines <c>hash, two spaces, name, newline</c> by name.</summary>
    public string Hash { get; }

    /// <summary>The highest id + 1. A model's logits may have more rows than this.</summary>
    public int VocabularySize { get; }

    /// <summary>The id that begins a sequence, where the files name one.</summary>
    public int? BosId => _definition.BosId;

    /// <summary>The id that ends a sequence, where the files name one.</summary>
    public int? EosId => _definition.EosId;

    /// <summary>Whether the folder holds tokenizer files of a form that <see cref="Load"/> looks at.</summary>
    public static bool Exists(string folder) => TokenizerLoader.Exists(folder);

    /// <summary>Reads the tokenizer of a checkpoint or bundle folder.</summary>
    /// <param name="folder">The folder with <c>tokenizer.json</c>, or <c>vocab.json</c> and <c>merges.txt</c>, or <c>tokenizer.model</c>.</param>
    /// <exception cref="TokenizerException">No such file, a malformed one, or a kind that is not read.</exception>
    public static Tokenizer Load(string folder) => TokenizerLoader.Load(folder);

    /// <summary>The ids of a text. Lone surrogates count as U+FFFD.</summary>
    /// <param name="text">Any text; empty gives only what the post-processor adds.</param>
    /// <param name="options">Whether special tokens are added and parsed.</param>
    /// <exception cref="TokenizerException">A character has no token in this vocabulary, not even an unknown one.</exception>
    public int[] Encode(string text, TokenizeOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = new(text.Length / 3 + 4);
        if (options.AddSpecial)
            ids.AddRange(_definition.Prefix);
        EncodeText(WellFormed(text), options, ids);
        if (options.AddSpecial)
            ids.AddRange(_definition.Suffix);
        return [.. ids];
    }

    /// <summary>The text of ids. Ids without a token add nothing; bytes that are no character become U+FFFD.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="skipSpecial">Leave special tokens out.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false) =>
        _definition.ByteLevel ? DecodeBytes(ids, skipSpecial) : DecodePieces(ids, skipSpecial);

    /// <summary>The bytes a token stands for, often not whole characters. Added tokens: the UTF-8 of their text. None for an id without a token.</summary>
    public byte[] Bytes(int id)
    {
        if (_added.TryGetValue(id, out AddedToken? token))
            return Encoding.UTF8.GetBytes(token.Content);
        return _definition.Vocabulary.SpellingOf(id) is { } spelling ? _spelling.Bytes(spelling) : [];
    }

    // The bytes a token adds to a text. A token looked for in normalized text goes out as it came in:
    // Llama 2's "</s>" brings the space that the normalizer puts before it.
    internal byte[] TextBytes(int id)
    {
        if (_definition.ByteLevel || !_added.TryGetValue(id, out AddedToken? token))
            return Bytes(id);
        string content = token.Normalized ? _definition.Normalizer.Normalize(token.Content) : token.Content;
        return Encoding.UTF8.GetBytes(content.Replace(TokenSpelling.SpaceMark, ' '));
    }

    /// <summary>One token for a table: its text where that is whole characters, otherwise its bytes as <c>&lt;0xE2&gt;&lt;0x96&gt;</c>; <c>&lt;id 151800&gt;</c> for an id without a token.</summary>
    public string Display(int id)
    {
        if (!_added.ContainsKey(id) && _definition.Vocabulary.SpellingOf(id) is null)
            return string.Create(CultureInfo.InvariantCulture, $"<id {id}>");
        byte[] bytes = Bytes(id);
        return System.Text.Unicode.Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : string.Concat(bytes.Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>")));
    }

    /// <summary>Whether the id is that of a control token, as <c>&lt;|eot_id|&gt;</c>.</summary>
    public bool IsSpecial(int id) => _added.TryGetValue(id, out AddedToken? token) && token.Special;

    /// <summary>The id of an added token's text or of a vocabulary spelling ("Ġthe", "▁the"); null where there is none. Not the id of a text: that is <see cref="Encode"/>.</summary>
    public int? TokenId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (_addedIds.TryGetValue(token, out int added))
            return added;
        int id = _definition.Vocabulary.IdOf(token);
        return id >= 0 ? id : null;
    }

    /// <summary>A decoder for ids that come one by one.</summary>
    /// <param name="skipSpecial">Leave special tokens out.</param>
    /// <param name="continues">The ids go on from earlier text, so a leading space belongs to the text and stays.</param>
    public StreamingDecoder CreateStreamingDecoder(bool skipSpecial = false, bool continues = false) =>
        new(this, skipSpecial, _definition.StripLeadingSpace && !continues);

    private void EncodeText(string text, TokenizeOptions options, List<int> ids)
    {
        var merger = new BpeMerger(_model.Merges);
        bool parse = options.ParseSpecial || options.ParseNonSpecial;
        foreach (AddedTokenMatcher.Segment segment in Segments(_rawMatcher, text, options))
        {
            if (segment.Token is { } token)
            {
                ids.Add(token.Id);
                continue;
            }

            string normalized = _definition.Normalizer.Normalize(text.Substring(segment.Start, segment.Length));
            foreach (AddedTokenMatcher.Segment inner in Segments(parse ? _normalizedMatcher : null, normalized, options))
            {
                if (inner.Token is { } innerToken)
                    ids.Add(innerToken.Id);
                else
                    EncodeSegment(normalized.Substring(inner.Start, inner.Length), segment.Start == 0 && inner.Start == 0, merger, ids);
            }
        }
    }

    private static List<AddedTokenMatcher.Segment> Segments(AddedTokenMatcher? matcher, string text, TokenizeOptions options)
    {
        if (matcher is not null && (options.ParseSpecial || options.ParseNonSpecial))
            return matcher.Split(text, keepSpecialAsText: !options.ParseSpecial);
        return text.Length == 0 ? [] : [new AddedTokenMatcher.Segment(null, 0, text.Length)];
    }

    private void EncodeSegment(string segment, bool atStart, BpeMerger merger, List<int> ids)
    {
        string prepared = _definition.PreTokenizer.Prepare(segment, atStart);
        foreach ((int start, int length) in _definition.PreTokenizer.Split(prepared))
            _model.Encode(prepared.AsSpan(start, length), merger, ids);
    }

    private string DecodeBytes(ReadOnlySpan<int> ids, bool skipSpecial)
    {
        List<byte> bytes = new(ids.Length * 4);
        foreach (int id in ids)
        {
            if (!(skipSpecial && IsSpecial(id)))
                bytes.AddRange(Bytes(id));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private string DecodePieces(ReadOnlySpan<int> ids, bool skipSpecial)
    {
        var text = new StringBuilder();
        List<byte> run = [];
        foreach (int id in ids)
        {
            if (skipSpecial && IsSpecial(id))
                continue;
            if (!_added.ContainsKey(id) && _definition.Vocabulary.SpellingOf(id) is { } spelling && _spelling.TryByteToken(spelling, out byte value))
            {
                run.Add(value);
                continue;
            }

            AppendRun(text, run);
            text.Append(Encoding.UTF8.GetString(TextBytes(id)));
        }

        AppendRun(text, run);
        if (_definition.StripLeadingSpace && text.Length > 0 && text[0] == ' ')
            text.Remove(0, 1);
        return text.ToString();
    }

    // Byte tokens side by side are text if all of them together are; otherwise each is U+FFFD.
    private static void AppendRun(StringBuilder text, List<byte> run)
    {
        byte[] bytes = [.. run];
        run.Clear();
        if (System.Text.Unicode.Utf8.IsValid(bytes))
            text.Append(Encoding.UTF8.GetString(bytes));
        else
            text.Append('\uFFFD', bytes.Length);
    }

    private static string WellFormed(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            return text;
        var repaired = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            repaired.Append(rune.ToString());
        return repaired.ToString();
    }
}
