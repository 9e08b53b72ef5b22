using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OnnxLens.Lens;

/// <summary>Reads lists of numbers and ranges such as <c>0,4-8,-1</c>; a negative number counts from the end.</summary>
internal static partial class IndexSelection
{
    /// <summary>True where the text has the form of such a list.</summary>
    public static bool IsList(string text) => ListForm().IsMatch(text);

    /// <summary>True for a list of which an index counts from the end.</summary>
    public static bool CountsFromTheEnd(string text) => IsList(text) && text.Split(',').Select(part => Part().Match(part.Trim())).Any(match =>
        match.Groups["first"].Value.StartsWith('-') || match.Groups["last"].Value.StartsWith('-'));

    /// <summary>The indices named, ascending, each once.</summary>
    /// <param name="text">A list for which <see cref="IsList"/> holds.</param>
    /// <param name="count">How many things there are.</param>
    /// <param name="thing">What they are called, for messages.</param>
    /// <exception cref="SelectionException">An index is out of range, or a range runs backwards.</exception>
    public static ImmutableArray<int> Resolve(string text, int count, string thing)
    {
        var indices = new SortedSet<int>();
        foreach (string part in text.Split(','))
        {
            Match match = Part().Match(part.Trim());
            int first = Index(match.Groups["first"].Value, count, thing);
            int last = match.Groups["last"].Success ? Index(match.Groups["last"].Value, count, thing) : first;
            if (last < first)
            {
                throw new SelectionException($"The range '{part.Trim()}' of {thing}s runs backwards: it goes from {first} to {last}.");
            }

            indices.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return [.. indices];
    }

    private static int Index(string text, int count, string thing)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            || value >= count || value < -count)
        {
            throw new SelectionException($"There is no {thing} {text}: {thing}s are 0 to {count - 1}, or -1 to -{count} from the end.");
        }

        return value < 0 ? count + value : value;
    }

    [GeneratedRegex(@"^\s*-?\d+(-(-?\d+))?\s*(,\s*-?\d+(-(-?\d+))?\s*)*$", RegexOptions.CultureInvariant)]
    private static partial Regex ListForm();

    [GeneratedRegex(@"^(?<first>-?\d+)(-(?<last>-?\d+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
