using System.Globalization;
using System.Text;

namespace OnnxLens.Reports.Plots;

/// <summary>Names and numbers in the form in which plots show them.</summary>
internal static class PlotText
{
    private const int NameLength = 32;

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

    /// <summary>Three significant digits, with the sign that reads as a minus in print.</summary>
    internal static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture).Replace('-', '−');

    /// <summary>A fraction in whole percent.</summary>
    internal static string Percent(double fraction) => (100 * fraction).ToString("F0", CultureInfo.InvariantCulture) + " %";
}
