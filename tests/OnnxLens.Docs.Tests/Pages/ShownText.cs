using System.Globalization;
using System.Text.RegularExpressions;

namespace OnnxLens.Docs.Tests.Pages;

/// <summary>Whether what a page shows is what was printed.</summary>
/// <remarks>
/// Lines are compared word by word, so that the width of a column does not count. A line <c>…</c> stands for any number of lines, a word
/// <c>…</c> for any number of words, and within a word for any letters: hashes, times, what would only be long. Numbers may
/// be a little other, for what rounding makes is other from processor to processor: two hundredths, and whole numbers not at all;
/// where int4 kernels are at work a fifth.
/// </remarks>
internal sealed class ShownText(string shown, bool quantised)
{
    private const string Any = "…";

    private static readonly char[] Separators = [',', '[', ']', '(', ')', '/', ';'];

    private readonly string[][] _lines = Lines(shown);
    private readonly double _tolerance = quantised ? 0.2 : 0.02;

    /// <summary>True where the text, from its first line to its last, stands somewhere in what was printed.</summary>
    public bool IsIn(string printed)
    {
        string[][] actual = Lines(printed);
        return Enumerable.Range(0, actual.Length + 1).Any(start => AreLines(0, actual, start));
    }

    private static string[][] Lines(string text) =>
        [.. text.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 0)];

    private bool AreLines(int line, string[][] actual, int at)
    {
        if (line == _lines.Length)
        {
            return true;
        }

        return _lines[line] is [Any]
            ? Enumerable.Range(at, actual.Length - at + 1).Any(next => AreLines(line + 1, actual, next))
            : at < actual.Length && AreWords(_lines[line], actual[at]) && AreLines(line + 1, actual, at + 1);
    }

    private bool AreWords(ReadOnlySpan<string> expected, ReadOnlySpan<string> actual)
    {
        if (expected.IsEmpty)
        {
            return actual.IsEmpty;
        }

        if (expected[0] != Any)
        {
            return !actual.IsEmpty && IsWord(expected[0], actual[0]) && AreWords(expected[1..], actual[1..]);
        }

        for (int skipped = 0; skipped <= actual.Length; skipped++)
        {
            if (AreWords(expected[1..], actual[skipped..]))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsWord(string expected, string actual)
    {
        if (expected.Contains(Any, StringComparison.Ordinal))
        {
            return Regex.IsMatch(actual, $"^{string.Join(".*", expected.Split(Any).Select(Regex.Escape))}$", RegexOptions.CultureInvariant);
        }

        if (expected == actual)
        {
            return true;
        }

        string[] parts = expected.Split(Separators), others = actual.Split(Separators);
        return parts.Length == others.Length && parts.Zip(others).All(pair => pair.First == pair.Second || IsNear(pair.First, pair.Second));
    }

    private bool IsNear(string expected, string actual) =>
        (quantised || !IsWhole(expected) || !IsWhole(actual))
        && double.TryParse(Bare(expected), CultureInfo.InvariantCulture, out double number)
        && double.TryParse(Bare(actual), CultureInfo.InvariantCulture, out double other)
        && Math.Abs(number - other) <= 0.01 + (_tolerance * Math.Abs(number));

    private static bool IsWhole(string word) => word.All(char.IsAsciiDigit);

    /// <summary>A cosine near 1 is printed as what it lacks, 1-2e-07.</summary>
    private static string Bare(string word) => word.StartsWith("1-", StringComparison.Ordinal) ? word[2..] : word;
}
