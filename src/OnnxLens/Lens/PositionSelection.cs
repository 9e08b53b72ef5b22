using System.Collections.Immutable;

namespace OnnxLens.Lens;

/// <summary>
/// Positions by name: <c>all</c>, <c>last</c>, <c>prompt</c>, <c>generated</c>, or numbers and ranges such as <c>0,4-8,-1</c>,
/// several with commas. Its form is checked when it is made, its range when the length of the sequence is known.
/// </summary>
public sealed class PositionSelection
{
    private static readonly string[] Names = ["all", "last", "prompt", "generated"];

    private readonly string[] _parts;

    private PositionSelection(string text, string[] parts)
    {
        Text = text;
        _parts = parts;
    }

    /// <summary>Every position.</summary>
    public static PositionSelection All { get; } = Parse("all");

    /// <summary>What the user wrote.</summary>
    public string Text { get; }

    /// <summary>Checks the form.</summary>
    /// <exception cref="SelectionException">A part is neither a name nor a number or range.</exception>
    public static PositionSelection Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = [.. text.Split(',').Select(part => part.Trim())];
        foreach (string part in parts)
        {
            if (!Names.Contains(part) && !IndexSelection.IsList(part))
            {
                throw new SelectionException($"'{part}' selects no positions. Write {string.Join(", ", Names)}, or numbers and ranges such as '0,4-8,-1'.");
            }
        }

        return new PositionSelection(text, parts);
    }

    /// <summary>The positions that may be named once the sequence has its length, ascending: a selection from the end may name any of them.</summary>
    /// <param name="promptLength">Positions of the prompt.</param>
    /// <param name="longest">Positions that may be run at most.</param>
    /// <exception cref="SelectionException">A position lies beyond the longest sequence, or the selection is empty there.</exception>
    public ImmutableArray<int> Possible(int promptLength, int longest)
    {
        bool fromTheEnd = longest > promptLength && _parts.Any(part => part == "last" || IndexSelection.CountsFromTheEnd(part));
        ImmutableArray<int> named = Resolve(promptLength, longest);
        return fromTheEnd ? [.. Enumerable.Range(0, longest)] : named;
    }

    /// <summary>The positions named, ascending, each once.</summary>
    /// <param name="promptLength">Positions of the prompt.</param>
    /// <param name="length">Positions run, prompt counted. The last generated token was not run, and has no position here.</param>
    /// <exception cref="SelectionException">A position was not run, or the selection is empty.</exception>
    public ImmutableArray<int> Resolve(int promptLength, int length)
    {
        var positions = new SortedSet<int>();
        foreach (string part in _parts)
        {
            positions.UnionWith(part switch
            {
                "all" => Enumerable.Range(0, length),
                "last" => [length - 1],
                "prompt" => Enumerable.Range(0, Math.Min(promptLength, length)),
                "generated" => Enumerable.Range(promptLength, Math.Max(0, length - promptLength)),
                _ => IndexSelection.Resolve(part, length, "position"),
            });
        }

        return positions.Count > 0
            ? [.. positions]
            : throw new SelectionException($"'{Text}' selects no position of a sequence with {promptLength} prompt positions and {length - promptLength} generated ones that were run.");
    }
}
