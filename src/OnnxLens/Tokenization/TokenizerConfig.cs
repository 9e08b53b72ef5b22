using System.Globalization;

namespace OnnxLens.Tokenization;

/// <summary>What <c>tokenizer_config.json</c> says beside the tokenizer itself. All of it may be absent.</summary>
internal sealed record TokenizerConfig
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer_config.json";

    public const string MapFileName = "special_tokens_map.json";

    /// <summary>The fields that name one special token each.</summary>
    public static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token"];

    /// <summary>The class transformers would load.</summary>
    public string? TokenizerClass { get; private init; }

    /// <summary>Whether BOS is added to a text.</summary>
    public bool? AddBos { get; private init; }

    /// <summary>Whether EOS is added to a text.</summary>
    public bool? AddEos { get; private init; }

    /// <summary>Whether a text that does not begin with a space gets one.</summary>
    public bool? AddPrefixSpace { get; private init; }

    /// <summary>The text of the token that begins a sequence.</summary>
    public string? BosToken { get; private init; }

    /// <summary>The text of the token that ends a sequence.</summary>
    public string? EosToken { get; private init; }

    /// <summary>All texts named as special.</summary>
    public IReadOnlySet<string> SpecialTexts { get; private init; } = new HashSet<string>();

    /// <summary>The added tokens it lists.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; private init; } = [];

    /// <summary>Reads the file, and <c>special_tokens_map.json</c> for what it leaves open.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="deciding">The ids depend on these files: they count for the hash.</param>
    /// <exception cref="TokenizerException">A file is malformed.</exception>
    public static TokenizerConfig Load(TokenizerFolder folder, bool deciding)
    {
        TokenizerConfig config = folder.Has(FileName) ? ReadFile(FileName) : new TokenizerConfig();
        if (!folder.Has(MapFileName))
            return config;
        TokenizerConfig map = ReadFile(MapFileName);
        return config with
        {
            BosToken = config.BosToken ?? map.BosToken,
            EosToken = config.EosToken ?? map.EosToken,
            SpecialTexts = config.SpecialTexts.Concat(map.SpecialTexts).ToHashSet(StringComparer.Ordinal),
        };

        TokenizerConfig ReadFile(string name) =>
            JsonField.Read(name, deciding ? folder.ReadDeciding(name) : folder.Read(name), Parse);
    }

    private static TokenizerConfig Parse(JsonField root)
    {
        var special = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in TokenNames)
        {
            if (TokenText(root[name]) is { } text)
                special.Add(text);
        }

        if (root["additional_special_tokens"] is { IsArray: true } additional)
            special.UnionWith(additional.Items().Select(TokenText).OfType<string>());
        return new TokenizerConfig
        {
            TokenizerClass = root["tokenizer_class"].TextOrNull(),
            AddBos = root["add_bos_token"].FlagOrNull(),
            AddEos = root["add_eos_token"].FlagOrNull(),
            AddPrefixSpace = root["add_prefix_space"].FlagOrNull(),
            BosToken = TokenText(root["bos_token"]),
            EosToken = TokenText(root["eos_token"]),
            SpecialTexts = special,
            AddedTokens = [.. root["added_tokens_decoder"].Fields().Select(field => ParseAdded(field.Name, field.Value))],
        };
    }

    private static AddedToken ParseAdded(string key, JsonField entry)
    {
        if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id >= Vocabulary.IdLimit)
        {
            throw new TokenizerException(string.Create(CultureInfo.InvariantCulture,
                $"{entry.Where} has the key \"{key}\"; expected a token id, 0 to {Vocabulary.IdLimit - 1}. Fetch the file again."));
        }

        return ParseFlags(entry, id);
    }

    /// <summary>Reads the fields that both files give an added token.</summary>
    public static AddedToken ParseFlags(JsonField entry, int id)
    {
        bool special = entry["special"].Flag(false);
        return new AddedToken(
            id,
            entry["content"].Text(),
            special,
            Normalized: entry["normalized"].Flag(!special),
            StripLeft: entry["lstrip"].Flag(false),
            StripRight: entry["rstrip"].Flag(false),
            SingleWord: entry["single_word"].Flag(false));
    }

    // A special token is a text, or an object with its flags.
    public static string? TokenText(JsonField field) =>
        field.IsText ? field.Text() : field.IsObject ? field["content"].TextOrNull() : null;
}
