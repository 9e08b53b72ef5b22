using System.Globalization;
using System.Text;
using Spectre.Console;

namespace OnnxLens.Cli.Rendering;

/// <summary>Texts cut and padded by the columns that they take on a terminal, where a wide character takes two.</summary>
internal static class CellText
{
    private const string Ellipsis = "…";

    /// <summary>Columns that a text takes.</summary>
    public static int Width(string text) => text.GetCellWidth();

    /// <summary>The text in exactly so many columns: cut with <c>…</c> where it is longer, filled with spaces where it is shorter.</summary>
    public static string Fit(string text, int width, bool alignRight = false)
    {
        string cut = Width(text) <= width ? text : Cut(text, width - 1) + Ellipsis;
        string filling = new(' ', Math.Max(0, width - Width(cut)));
        return alignRight ? filling + cut : cut + filling;
    }

    private static string Cut(string text, int width)
    {
        var kept = new StringBuilder();
        int used = 0;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            string element = elements.GetTextElement();
            used += Width(element);
            if (used > width)
            {
                break;
            }

            kept.Append(element);
        }

        return kept.ToString();
    }
}
