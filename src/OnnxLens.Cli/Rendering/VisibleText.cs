using System.Globalization;
using System.Text;

namespace OnnxLens.Cli.Rendering;

/// <summary>Texts of a model in a form that is safe to print: whatever could act on a terminal is spelled out.</summary>
internal static class VisibleText
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>The form for tables: one line, every space seen. <c>·</c> is a space, <c>⏎</c> a line feed, <c>⇥</c> a tab, <c>\x1B</c> a control character; code points that are no characters are spelled as well.</summary>
    public static string Of(string text)
    {
        var visible = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (visible.Length == 0 && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
            {
                visible.Append('◌');
            }

            visible.Append(rune.Value switch
            {
                ' ' => "·",
                '\n' => "⏎",
                '\t' => "⇥",
                _ when Acts(rune) || Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNotAssigned => Spelled(rune),
                _ => rune.ToString(),
            });
        }

        return visible.ToString();
    }

    /// <summary>The form for running text on a terminal: line feeds, tabs and joiners stay, other control and format characters are spelled out.</summary>
    public static string ForTerminal(string text)
    {
        if (!text.EnumerateRunes().Any(ActsInText))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            safe.Append(ActsInText(rune) ? Spelled(rune) : rune.ToString());
        }

        return safe.ToString();
    }

    private static bool ActsInText(Rune rune) => rune.Value is not ('\n' or '\t' or ZeroWidthNonJoiner or ZeroWidthJoiner) && Acts(rune);

    /// <summary>Control characters, marks of direction and other characters without a form of their own.</summary>
    private static bool Acts(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Spelled(Rune rune) => rune.Value < 0x100
        ? string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:X2}")
        : string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
}
