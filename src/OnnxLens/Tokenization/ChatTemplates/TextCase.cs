using System.Text;

namespace OnnxLens.Tokenization.ChatTemplates;

/// <summary>Upper and lower case as Python has them: with the characters that become several, which .NET leaves alone.</summary>
internal static class TextCase
{
    // Unicode's SpecialCasing: a character, then its upper case.
    private static readonly Dictionary<char, string> LongUpper = (
        "\u00DFSS \u0149\u02BCN \u01F0J\u030C \u0390\u0399\u0308\u0301 \u03B0\u03A5\u0308\u0301 \u0587\u0535\u0552 \u1E96H\u0331 "
        + "\u1E97T\u0308 \u1E98W\u030A \u1E99Y\u030A \u1E9AA\u02BE \u1F50\u03A5\u0313 \u1F52\u03A5\u0313\u0300 \u1F54\u03A5\u0313\u0301 "
        + "\u1F56\u03A5\u0313\u0342 \u1F80\u1F08\u0399 \u1F81\u1F09\u0399 \u1F82\u1F0A\u0399 \u1F83\u1F0B\u0399 \u1F84\u1F0C\u0399 "
        + "\u1F85\u1F0D\u0399 \u1F86\u1F0E\u0399 \u1F87\u1F0F\u0399 \u1F88\u1F08\u0399 \u1F89\u1F09\u0399 \u1F8A\u1F0A\u0399 "
        + "\u1F8B\u1F0B\u0399 \u1F8C\u1F0C\u0399 \u1F8D\u1F0D\u0399 \u1F8E\u1F0E\u0399 \u1F8F\u1F0F\u0399 \u1F90\u1F28\u0399 "
        + "\u1F91\u1F29\u0399 \u1F92\u1F2A\u0399 \u1F93\u1F2B\u0399 \u1F94\u1F2C\u0399 \u1F95\u1F2D\u0399 \u1F96\u1F2E\u0399 "
        + "\u1F97\u1F2F\u0399 \u1F98\u1F28\u0399 \u1F99\u1F29\u0399 \u1F9A\u1F2A\u0399 \u1F9B\u1F2B\u0399 \u1F9C\u1F2C\u0399 "
        + "\u1F9D\u1F2D\u0399 \u1F9E\u1F2E\u0399 \u1F9F\u1F2F\u0399 \u1FA0\u1F68\u0399 \u1FA1\u1F69\u0399 \u1FA2\u1F6A\u0399 "
        + "\u1FA3\u1F6B\u0399 \u1FA4\u1F6C\u0399 \u1FA5\u1F6D\u0399 \u1FA6\u1F6E\u0399 \u1FA7\u1F6F\u0399 \u1FA8\u1F68\u0399 "
        + "\u1FA9\u1F69\u0399 \u1FAA\u1F6A\u0399 \u1FAB\u1F6B\u0399 \u1FAC\u1F6C\u0399 \u1FAD\u1F6D\u0399 \u1FAE\u1F6E\u0399 "
        + "\u1FAF\u1F6F\u0399 \u1FB2\u1FBA\u0399 \u1FB3\u0391\u0399 \u1FB4\u0386\u0399 \u1FB6\u0391\u0342 \u1FB7\u0391\u0342\u0399 "
        + "\u1FBC\u0391\u0399 \u1FC2\u1FCA\u0399 \u1FC3\u0397\u0399 \u1FC4\u0389\u0399 \u1FC6\u0397\u0342 \u1FC7\u0397\u0342\u0399 "
        + "\u1FCC\u0397\u0399 \u1FD2\u0399\u0308\u0300 \u1FD3\u0399\u0308\u0301 \u1FD6\u0399\u0342 \u1FD7\u0399\u0308\u0342 "
        + "\u1FE2\u03A5\u0308\u0300 \u1FE3\u03A5\u0308\u0301 \u1FE4\u03A1\u0313 \u1FE6\u03A5\u0342 \u1FE7\u03A5\u0308\u0342 "
        + "\u1FF2\u1FFA\u0399 \u1FF3\u03A9\u0399 \u1FF4\u038F\u0399 \u1FF6\u03A9\u0342 \u1FF7\u03A9\u0342\u0399 \u1FFC\u03A9\u0399 \uFB00FF "
        + "\uFB01FI \uFB02FL \uFB03FFI \uFB04FFL \uFB05ST \uFB06ST \uFB13\u0544\u0546 \uFB14\u0544\u0535 \uFB15\u0544\u053B "
        + "\uFB16\u054E\u0546 \uFB17\u0544\u053D"
        ).Split(' ').ToDictionary(entry => entry[0], entry => entry[1..]);

    public static string Upper(string text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text.ToUpperInvariant();
        var upper = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            upper.Append(Upper(rune));
        return upper.ToString();
    }

    public static string Lower(string text)
    {
        string lower = text.ToLowerInvariant();
        if (System.Text.Ascii.IsValid(text) || text.AsSpan().IndexOfAny('\u0130', '\u03A3') < 0)
            return lower;
        // A capital sigma that ends a word becomes another small letter; the dotted I two characters.
        var exact = new StringBuilder(lower);
        for (int i = text.Length - 1; i >= 0; i--)
        {
            if (text[i] == '\u0130')
                exact.Remove(i, 1).Insert(i, "i\u0307");
            else if (text[i] == '\u03A3' && IsCased(text, i, -1) && !IsCased(text, i, 1))
                exact[i] = '\u03C2';
        }

        return exact.ToString();
    }

    /// <summary><c>str.capitalize</c>.</summary>
    public static string Capitalize(string text) =>
        text.Length == 0 ? "" : PyText.CharacterAt(text, 0) is var first ? TitleCharacter(first) + Lower(text)[first.Length..] : "";

    /// <summary><c>str.title</c>: a letter after one without case begins a word.</summary>
    public static string Title(string text)
    {
        var title = new StringBuilder(text.Length);
        bool inWord = false;
        foreach (string character in PyText.Characters(text))
        {
            title.Append(inWord ? Lower(character) : TitleCharacter(character));
            inWord = IsCased(character);
        }

        return title.ToString();
    }

    /// <summary>The filter <c>title</c>: words begin after white space and a few brackets and dashes, and nowhere else.</summary>
    public static string FilterTitle(string text)
    {
        var title = new StringBuilder(text.Length);
        int start = 0;
        while (start < text.Length)
        {
            int end = start;
            bool boundary = IsBoundary(text[start]);
            while (end < text.Length && IsBoundary(text[end]) == boundary)
                end++;
            string first = PyText.CharacterAt(text, start);
            title.Append(Upper(first)).Append(Lower(text[(start + first.Length)..end]));
            start = end;
        }

        return title.ToString();
    }

    /// <summary>Whether a character has case.</summary>
    public static bool IsCased(string character) =>
        Rune.TryGetRuneAt(character, 0, out Rune rune) && (Rune.IsUpper(rune) || Rune.IsLower(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.TitlecaseLetter);

    private static bool IsBoundary(char c) => c is '-' or '(' or '{' or '[' or '<' || PyText.IsSpace(c);

    private static string Upper(Rune rune) =>
        rune.IsBmp && LongUpper.TryGetValue((char)rune.Value, out string? upper) ? upper : Rune.ToUpperInvariant(rune).ToString();

    private static string TitleCharacter(string character)
    {
        const string Digraphs = "\u01C4\u01C5\u01C6\u01C7\u01C8\u01C9\u01CA\u01CB\u01CC\u01F1\u01F2\u01F3";
        int digraph = Digraphs.IndexOf(character[0], StringComparison.Ordinal);
        if (digraph >= 0)
            return Digraphs[(digraph / 3 * 3) + 1].ToString();
        if (character[0] is >= '\u10D0' and <= '\u10FF')
            return character;
        string simple = character.ToUpperInvariant();
        if (simple != character && character[0] is >= '\u1F80' and <= '\u1FFC')
            return simple;
        string upper = Upper(character);
        return upper.Length > 1 && character[0] is '\u00DF' or '\u0587' or (>= '\uFB00' and <= '\uFB17') ? upper[0] + Lower(upper[1..]) : upper;
    }

    // The nearest letter on one side of a capital sigma, past what has no case of its own.
    private static bool IsCased(string text, int index, int step)
    {
        for (int i = index + step; i >= 0 && i < text.Length; i += step)
        {
            if (IsCased(text[i].ToString()))
                return true;
            if (char.GetUnicodeCategory(text[i]) is not (System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.ModifierLetter)
                && text[i] is not ('\'' or '.' or ':' or '\u00B7' or '\u2019'))
                return false;
        }

        return false;
    }
}
