using System.Text.RegularExpressions;

namespace OnnxLens.Eval.Datasets;

/// <summary>Recognises the rows that ask one question with its options in another order.</summary>
/// <remarks>Options are texts after <c>(A)</c>, <c>(B)</c>, … at the beginning of a line, up to the next one or to an empty line.</remarks>
internal static partial class QuestionKeys
{
    /// <summary>A hash over what stands before the options, the option texts in ordinal order, and what stands after them.</summary>
    public static string Of(string question)
    {
        string text = question.ReplaceLineEndings("\n");
        Match[] marks = [.. OptionMark().Matches(text).Cast<Match>()];
        if (marks.Length < 2)
            return ContentHashing.OfTexts(text.Trim());

        int[] starts = [.. marks.Select(mark => mark.Index + mark.Length)];
        int emptyLine = text.IndexOf("\n\n", starts[^1], StringComparison.Ordinal);
        int end = emptyLine < 0 ? text.Length : emptyLine;
        IEnumerable<string> options = starts.Select((start, i) => text[start..(i + 1 < marks.Length ? marks[i + 1].Index : end)].Trim());
        return ContentHashing.OfTexts([text[..marks[0].Index].Trim(), text[end..].Trim(), .. options.Order(StringComparer.Ordinal)]);
    }

    [GeneratedRegex(@"^[ \t]*\([A-Z]\)", RegexOptions.Multiline)]
    private static partial Regex OptionMark();
}
