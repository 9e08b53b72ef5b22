namespace OnnxLens.Tokenization;

/// <summary>Reads <c>decoder</c> of <c>tokenizer.json</c>: checks that it undoes the spelling, which is built in.</summary>
internal static class DecoderReader
{
    private const string NotSupported = "This decoder is not supported.";

    /// <summary>Whether decoded text loses one leading space. No decoder means the built-in one, without that.</summary>
    /// <exception cref="TokenizerException">The field is malformed or is not the decoder of this kind of vocabulary.</exception>
    public static bool StripsLeadingSpace(JsonField field, bool byteLevel)
    {
        if (field.IsNull)
            return false;
        if (!byteLevel)
            return StripOf(field);
        return field["type"].Text() == "ByteLevel"
            ? false
            : throw field.Unexpected("ByteLevel, as the pre-tokenizer", NotSupported);
    }

    private static bool StripOf(JsonField field)
    {
        switch (field["type"].Text())
        {
            case "Sequence":
                bool strips = false;
                foreach (JsonField step in field["decoders"].Items())
                    strips |= StripOf(step);
                return strips;
            case "Replace" when field["pattern"]["String"].Text() == $"{TokenSpelling.SpaceMark}" && field["content"].Text() == " ":
            case "ByteFallback":
            case "Fuse":
                return false;
            case "Strip" when field["content"].Text() == " " && field["start"].Integer() is 0 or 1 && field["stop"].Integer() == 0:
                return field["start"].Integer() == 1;
            default:
                throw field.Unexpected("a sequence of Replace (U+2581 by a space), ByteFallback, Fuse and Strip (one leading space)", NotSupported);
        }
    }
}
