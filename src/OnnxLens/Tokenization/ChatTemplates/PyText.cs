using System.Globalization;
using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Texts as Python sees them: rows of code points, where .NET has UTF-16 units.</summary>
internal static class PyText
{
    /// <summary>White space as <c>str.isspace</c> and <c>strip</c> know it: .NET's, and the four separators.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F';

    /// <summary>Not empty, and white space throughout.</summary>
    public static bool IsSpace(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!IsSpace(c))
                return false;
        }

        return text.Length > 0;
    }

    public static string TrimEnd(string text) => text[..EndWithout(text, IsSpace)];

    public static string TrimStart(string text) => text[StartWithout(text, IsSpace)..];

    public static string Trim(string text) => TrimStart(TrimEnd(text));

    /// <summary>The text without any of these characters at its ends.</summary>
    public static string Trim(string text, string characters, bool start, bool end)
    {
        var set = characters.EnumerateRunes().ToHashSet();
        int last = text.Length;
        while (end && last > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, last), out Rune rune, out int length) == System.Buffers.OperationStatus.Done && set.Contains(rune))
            last -= length;
        int first = 0;
        while (start && first < last && Rune.DecodeFromUtf16(text.AsSpan(first, last - first), out Rune rune, out int length) == System.Buffers.OperationStatus.Done && set.Contains(rune))
            first += length;
        return text[first..last];
    }

    /// <summary>Its number of code points.</summary>
    public static int Length(string text)
    {
        int pairs = 0;
        for (int i = 0; i + 1 < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i], text[i + 1]))
            {
                pairs++;
                i++;
            }
        }

        return text.Length - pairs;
    }

    /// <summary>Its code points as texts.</summary>
    public static IEnumerable<string> Characters(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            string character = CharacterAt(text, i);
            yield return character;
            i += character.Length;
        }
    }

    /// <summary>The code point that begins at a UTF-16 unit.</summary>
    public static string CharacterAt(string text, int index) =>
        index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? text.Substring(index, 2) : text[index].ToString();

    /// <summary>The UTF-16 unit at which a code point begins; the text's length for the one after the last.</summary>
    public static int UnitOf(string text, int codePoint)
    {
        int unit = 0;
        for (int i = 0; i < codePoint; i++)
            unit += unit + 1 < text.Length && char.IsSurrogatePair(text[unit], text[unit + 1]) ? 2 : 1;
        return unit;
    }

    /// <summary>True where each code point is one UTF-16 unit.</summary>
    public static bool IsPlain(string text) => !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    /// <summary>The order of code points, which is not that of UTF-16 units.</summary>
    public static int Compare(string left, string right)
    {
        int length = Math.Min(left.Length, right.Length);
        int at = left.AsSpan(0, length).CommonPrefixLength(right);
        if (at == length)
            return left.Length.CompareTo(right.Length);
        // A surrogate stands for a character above all others.
        return (Weight(left[at]), left[at]).CompareTo((Weight(right[at]), right[at]));

        static int Weight(char c) => char.IsSurrogate(c) ? 1 : 0;
    }

    /// <summary>Lines, as <c>splitlines</c> cuts them.</summary>
    public static IEnumerable<string> Lines(string text, bool keepEnds = false)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = start;
            while (end < text.Length && !IsLineEnd(text[end]))
                end++;
            int next = end == text.Length ? end : text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            yield return text[start..(keepEnds ? next : end)];
            start = next;
        }
    }

    /// <summary>Whether <c>repr</c> shows the character itself.</summary>
    public static bool IsPrintable(string text, int index) => CharUnicodeInfo.GetUnicodeCategory(text, index) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.SpaceSeparator => text[index] == ' ',
        _ => true,
    };

    private static bool IsLineEnd(char c) => c is '\n' or '\r' or '\v' or '\f' or (>= '\x1C' and <= '\x1E') or '\x85' or '\u2028' or '\u2029';

    private static int EndWithout(string text, Func<char, bool> drop)
    {
        int end = text.Length;
        while (end > 0 && drop(text[end - 1]))
            end--;
        return end;
    }

    private static int StartWithout(string text, Func<char, bool> drop)
    {
        int start = 0;
        while (start < text.Length && drop(text[start]))
            start++;
        return start;
    }
}
