namespace OnnxLens.Tokenization;

/// <summary>Reads <c>pre_tokenizer</c> of <c>tokenizer.json</c>.</summary>
internal static class PreTokenizerReader
{
    private const string NotSupported = "This pre-tokenizer is not supported.";

    /// <summary>Reads the field; null cuts nothing. Also says whether tokens spell bytes.</summary>
    /// <exception cref="TokenizerException">The field is malformed or has a step that is not supported.</exception>
    public static (PreTokenizer PreTokenizer, bool ByteLevel) Read(JsonField field)
    {
        var steps = new Steps();
        if (!field.IsNull)
            steps.Add(field);
        return (new PreTokenizer(steps.Splits, steps.Prefix), steps.ByteLevel);
    }

    private sealed class Steps
    {
        public List<SplitPattern> Splits { get; } = [];

        public SegmentPrefix? Prefix { get; private set; }

        public bool ByteLevel { get; private set; }

        public void Add(JsonField field)
        {
            string type = field["type"].Text();
            if (ByteLevel && type != "Sequence")
                throw field.Unexpected("nothing after ByteLevel", NotSupported);
            if (Prefix is not null && type != "Sequence")
                throw field.Unexpected("nothing after Metaspace", NotSupported);
            switch (type)
            {
                case "Sequence":
                    foreach (JsonField step in field["pretokenizers"].Items())
                        Add(step);
                    break;
                case "Split":
                    Splits.Add(Split(field));
                    break;
                case "Digits":
                    Splits.Add(new SplitPattern(field["individual_digits"].Flag(false) ? @"\p{N}" : @"\p{N}+"));
                    break;
                case "Metaspace":
                    AddMetaspace(field);
                    break;
                case "ByteLevel":
                    AddByteLevel(field);
                    break;
                default:
                    throw field.Unexpected("one of Sequence, Split, Digits, Metaspace and ByteLevel", NotSupported);
            }
        }

        // The space would go in front of every piece, and a piece would end in the space of the next.
        private void AddByteLevel(JsonField field)
        {
            bool prefixed = field["add_prefix_space"].Flag(true);
            if (prefixed && Splits.Count > 0)
                throw field["add_prefix_space"].Unexpected("false after another pre-tokenizer", NotSupported);
            Prefix = prefixed ? SegmentPrefix.PlainSpace : null;
            if (field["use_regex"].Flag(true))
                Splits.Add(new SplitPattern(SplitPattern.Gpt2));
            ByteLevel = true;
        }

        // Old files have add_prefix_space in the place of the scheme.
        private void AddMetaspace(JsonField field)
        {
            if (Splits.Count > 0)
                throw field.Unexpected("no Metaspace after another pre-tokenizer", NotSupported);
            if (field["replacement"].Text() != $"{TokenSpelling.SpaceMark}")
                throw field["replacement"].Unexpected("U+2581", NotSupported);
            SegmentPrefix.Scheme scheme = (field["prepend_scheme"].TextOrNull() ?? (field["add_prefix_space"].Flag(true) ? "always" : "never")) switch
            {
                "never" => SegmentPrefix.Scheme.Never,
                "first" => SegmentPrefix.Scheme.First,
                "always" => SegmentPrefix.Scheme.Always,
                _ => throw field["prepend_scheme"].Unexpected("\"never\", \"first\" or \"always\"", NotSupported),
            };
            Prefix = new SegmentPrefix(TokenSpelling.SpaceMark, scheme);
            if (field["split"].Flag(true))
                Splits.Add(new SplitPattern($"(?={TokenSpelling.SpaceMark})"));
        }

        private static SplitPattern Split(JsonField field)
        {
            bool inverted = field["invert"].Flag(false);
            (bool keepMatches, bool keepGaps) = field["behavior"].Text() switch
            {
                "Isolated" => (true, true),
                "Removed" => (inverted, !inverted),
                _ => throw field["behavior"].Unexpected("\"Isolated\" or \"Removed\"", NotSupported),
            };
            JsonField pattern = field["pattern"];
            return pattern["String"].TextOrNull() is { } text
                ? SplitSyntax.Literal(text, keepMatches, keepGaps)
                : SplitSyntax.Compile(pattern["Regex"], keepMatches, keepGaps);
        }
    }
}
