using System.Globalization;
using System.Text;

namespace OnnxLens.Reports.Plots;

/// <summary>Names and numbers in the form in which plots show them.</summary>
internal static class PlotText
{
    private const int NameLength = 32;
    private const int TokenLength = 18;

    /// <summary>Width of a token in a legend, so that two of them stand side by side.</summary>
    private const float TokenRoom = 170;

    /// <summary>What stands beside the axes, over which a title is centred.</summary>
    private const int TitleMargin = 160;

    /// <summary>A name on one line, cut where it is long. Control characters, which no font and no SVG file has, become spaces.</summary>
    internal static string Name(string name)
    {
        var shown = new StringBuilder();
        int length = 0;
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (length++ == NameLength)
                return shown.Append('…').ToString();
            bool visible = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format)
                && rune.Value is not (0xFFFE or 0xFFFF);
            shown.Append(visible ? rune.ToString() : " ");
        }

        return shown.ToString();
    }

    /// <summary>What a plot is of: on one line where that fits, else the dataset on one of its own.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="vector">The vector's name.</param>
    /// <param name="rest">What follows.</param>
    /// <param name="width">Width of the plot in units of length.</param>
    internal static string Title(string dataset, string vector, string rest, int width)
    {
        string line = $"{Name(dataset)}: {Name(vector)}{rest}";
        return FitsTitle(line, width) ? line : $"{Name(dataset)}:\n{Name(vector)}{rest}";
    }

    /// <summary>A text in quotation marks in a title: where it is long, its end. Characters that the font lacks are spelled out.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">Width of the plot in units of length.</param>
    internal static string TitleEnd(string text, int width)
    {
        string whole = Spelled(text);
        if (FitsTitle($"“{whole}”", width))
            return $"“{whole}”";
        int start = whole.Length;
        while (FitsTitle($"“…{whole[(start - 1)..]}”", width))
            start--;
        return $"“…{whole[(char.IsLowSurrogate(whole[start]) ? start + 1 : start)..]}”";
    }

    /// <summary>Three significant digits, with the sign that reads as a minus in print; where they need a power of ten, as on an axis of powers (<c>1.23e−5</c>).</summary>
    internal static string Number(double value) => Printed(value, "G3", "0.##e0");

    /// <summary>A number beside an axis.</summary>
    internal static string Tick(double value) => Printed(Math.Round(value, 9), "G6", "0.#####e0");

    /// <summary>A token, cut where it is long.</summary>
    /// <param name="visible">The form in which its spaces are seen.</param>
    internal static string Token(string visible)
    {
        string spelled = Spelled(visible);
        if (FitsKey(spelled))
            return spelled;
        int end = spelled.Length - 1;
        while (!FitsKey(spelled[..end] + "…"))
            end--;
        return spelled[..(char.IsHighSurrogate(spelled[end - 1]) ? end - 1 : end)] + "…";
    }

    /// <summary>A text in which every character that the plots' font has no letter for is spelled out.</summary>
    internal static string Spelled(string text) =>
        string.Concat(text.EnumerateRunes().Select(rune => PlotFont.Has(rune) ? rune.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}")));

    /// <summary>Tokens as <see cref="Token"/> shows them; of those that look alike then, the ids too.</summary>
    internal static string[] Tokens(int[] ids, Func<int, string> visible)
    {
        string[] shown = [.. ids.Select(id => Token(visible(id)))];
        return [.. ids.Zip(shown, (id, text) => shown.Count(other => other == text) == 1 ? text : string.Create(CultureInfo.InvariantCulture, $"{text} id:{id}"))];
    }

    /// <summary>A fraction in whole percent.</summary>
    internal static string Percent(double fraction) => (100 * fraction).ToString("F0", CultureInfo.InvariantCulture) + " %";

    private static string Printed(double value, string plain, string withPower)
    {
        string text = value.ToString(plain, CultureInfo.InvariantCulture);
        return (text.Contains('E', StringComparison.Ordinal) ? value.ToString(withPower, CultureInfo.InvariantCulture) : text).Replace('-', '−');
    }

    private static bool FitsKey(string token) => token.Length <= TokenLength && PlotFont.Width(token, PlotStyle.FontSize) <= TokenRoom;

    private static bool FitsTitle(string line, int width) => PlotFont.Width(line, PlotStyle.TitleSize) <= width - TitleMargin;
}
