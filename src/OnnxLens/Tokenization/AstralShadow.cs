using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization;

/// <summary>
/// A text in which each character beyond U+FFFF is replaced by one of the same Unicode category
/// below it, so that patterns of categories match it, and the way back to the offsets of the text.
/// </summary>
internal sealed class AstralShadow
{
    private static readonly char[] Substitutes = BuildSubstitutes();

    private readonly char[] _text;
    private readonly int[] _offsets;

    private AstralShadow(char[] text, int[] offsets)
    {
        _text = text;
        _offsets = offsets;
    }

    /// <summary>The shadow text: one unit per code point.</summary>
    public ReadOnlySpan<char> Text => _text;

    /// <summary>The offset in the text of a unit of the shadow; its length for the end.</summary>
    public int Offset(int index) => _offsets[index];

    /// <summary>The shadow of well-formed text, or null where it would be the text itself.</summary>
    public static AstralShadow? Of(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            return null;
        List<char> shadow = new(text.Length);
        List<int> offsets = new(text.Length + 1);
        int offset = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            shadow.Add(rune.IsBmp ? (char)rune.Value : Substitutes[(int)Rune.GetUnicodeCategory(rune)]);
            offsets.Add(offset);
            offset += rune.Utf16SequenceLength;
        }

        offsets.Add(offset);
        return new AstralShadow([.. shadow], [.. offsets]);
    }

    private static char[] BuildSubstitutes()
    {
        // From U+0370 on: no character there folds to an ASCII letter that a pattern may name.
        var substitutes = new char[Enum.GetValues<UnicodeCategory>().Length];
        for (int c = 0xFFFD; c >= 0x0370; c--)
        {
            if (!char.IsSurrogate((char)c))
                substitutes[(int)CharUnicodeInfo.GetUnicodeCategory((char)c)] = (char)c;
        }

        return substitutes;
    }
}
