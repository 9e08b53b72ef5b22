using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OnnxLens.Runtime;

/// <summary>
/// Which positions of a sequence are steered: <c>label</c> (the last prompt token), <c>all</c>, <c>prompt</c>, <c>generated</c>,
/// numbers and ranges such as <c>0,4-8,-1</c>, or <c>id:N</c>, every position that holds the token N; several with commas.
/// </summary>
/// <remarks>
/// It is asked position by position while a sequence grows, so it never needs the final length. A negative number counts from the
/// end of the prompt: −1 is its last token. Every position given by number must be run, and a name or token must select one at
/// least: an operation that reaches no position is refused.
/// </remarks>
public sealed partial class SteeringPositions
{
    private const string IdPrefix = "id:";
    private const int LongestRange = 1 << 20;
    private static readonly string[] Names = ["label", "all", "prompt", "generated"];

    private readonly ImmutableArray<string> _names;
    private readonly ImmutableArray<int> _numbers;
    private readonly ImmutableArray<int> _ids;

    private SteeringPositions(string text, ImmutableArray<string> names, ImmutableArray<int> numbers, ImmutableArray<int> ids)
    {
        Text = text;
        _names = names;
        _numbers = numbers;
        _ids = ids;
    }

    /// <summary>The position whose next token is the label: the last prompt token.</summary>
    public static SteeringPositions Label { get; } = Parse("label");

    /// <summary>Every position, prompt and generated.</summary>
    public static SteeringPositions All { get; } = Parse("all");

    /// <summary>Every prompt position.</summary>
    public static SteeringPositions Prompt { get; } = Parse("prompt");

    /// <summary>Every position after the prompt.</summary>
    public static SteeringPositions Generated { get; } = Parse("generated");

    /// <summary>The selection as written.</summary>
    public string Text { get; }

    /// <summary>True where the same positions are steered in every sequence, whatever its tokens and the length of its prompt.</summary>
    internal bool IsAll => _names.Contains("all");

    /// <summary>Positions by number.</summary>
    public static SteeringPositions At(params ReadOnlySpan<int> positions) =>
        Parse(string.Join(',', positions.ToArray().Select(position => position.ToString(CultureInfo.InvariantCulture))));

    /// <summary>The positions that hold one of the tokens.</summary>
    public static SteeringPositions OfTokens(params ReadOnlySpan<int> ids) =>
        Parse(string.Join(',', ids.ToArray().Select(id => string.Create(CultureInfo.InvariantCulture, $"{IdPrefix}{id}"))));

    /// <summary>Reads a selection.</summary>
    /// <exception cref="SelectionException">A part is neither a name, nor a number or range, nor a token.</exception>
    public static SteeringPositions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var names = ImmutableArray.CreateBuilder<string>();
        var numbers = new SortedSet<int>();
        var ids = ImmutableArray.CreateBuilder<int>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (Names.Contains(part))
            {
                names.Add(part);
            }
            else if (part.StartsWith(IdPrefix, StringComparison.Ordinal)
                && int.TryParse(part.AsSpan(IdPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                ids.Add(id);
            }
            else
            {
                numbers.UnionWith(Range(part));
            }
        }

        return new SteeringPositions(text, names.ToImmutable(), [.. numbers], ids.ToImmutable());
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>How many positions of a prompt are steered where nothing is generated behind it.</summary>
    /// <param name="prompt">The prompt's ids.</param>
    /// <exception cref="SelectionException">None is, or a position named by number is not there.</exception>
    public int CountIn(ReadOnlySpan<int> prompt)
    {
        int count = 0;
        for (int position = 0; position < prompt.Length; position++)
        {
            count += Covers(position, prompt[position], prompt.Length) ? 1 : 0;
        }

        return Missing(prompt.Length, prompt.Length) > 0
            ? throw new SelectionException($"The steering positions '{Text}' name one that a prompt of {prompt.Length} tokens does not have. Name positions that are there.")
            : count > 0
                ? count
                : throw new SelectionException($"The steering positions '{Text}' select none of the {prompt.Length} positions of the prompt. Choose others, e.g. 'label' or 'all'.");
    }

    /// <summary>Refuses a position named by number that a run does not reach, however it goes on.</summary>
    /// <param name="length">Positions that are run at most, the prompt's among them.</param>
    /// <param name="promptLength">Positions of the prompt.</param>
    /// <exception cref="SelectionException">One is not there.</exception>
    public void RequireWithin(int length, int promptLength)
    {
        if (Missing(length, promptLength) > 0)
        {
            throw new SelectionException(
                $"The steering positions '{Text}' name one that a run of at most {length} positions, {promptLength} of them the prompt's, does not have. Name positions that are there.");
        }
    }

    /// <summary>Those of some positions that are steered, in their order.</summary>
    /// <param name="positions">Positions of the sequence.</param>
    /// <param name="sequence">The ids of the sequence, prompt first.</param>
    /// <param name="promptLength">How many of them are the prompt.</param>
    /// <exception cref="ArgumentOutOfRangeException">A position is not one of the sequence.</exception>
    public ImmutableArray<int> Among(ReadOnlySpan<int> positions, ReadOnlySpan<int> sequence, int promptLength)
    {
        var steered = ImmutableArray.CreateBuilder<int>();
        foreach (int position in positions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(position, nameof(positions));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, sequence.Length, nameof(positions));
            if (Covers(position, sequence[position], promptLength))
            {
                steered.Add(position);
            }
        }

        return steered.ToImmutable();
    }

    /// <summary>True where a position is steered.</summary>
    /// <param name="position">The position, from 0.</param>
    /// <param name="token">The token there.</param>
    /// <param name="promptLength">Positions of the sequence's prompt.</param>
    internal bool Covers(int position, int token, int promptLength)
    {
        foreach (string name in _names)
        {
            if (name switch
            {
                "all" => true,
                "label" => position == promptLength - 1,
                "prompt" => position < promptLength,
                _ => position >= promptLength,
            })
            {
                return true;
            }
        }

        return _ids.Contains(token) || _numbers.Contains(position) || (position < promptLength && _numbers.Contains(position - promptLength));
    }

    /// <summary>Positions named by number that a sequence of the given length does not have.</summary>
    internal int Missing(int length, int promptLength) =>
        _numbers.Count(number => number < 0 ? promptLength + number < 0 : number >= length);

    private static IEnumerable<int> Range(string part)
    {
        Match match = RangeForm().Match(part);
        if (!match.Success
            || !int.TryParse(match.Groups["first"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int first)
            || !int.TryParse(match.Groups["last"].Success ? match.Groups["last"].Value : match.Groups["first"].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int last))
        {
            throw new SelectionException(
                $"'{part}' selects no positions to steer. Write {string.Join(", ", Names)}, numbers and ranges such as '0,4-8,-1', or id:N for the positions of a token.");
        }

        if (last < first || first < 0 != last < 0)
        {
            throw new SelectionException($"The range '{part}' of positions runs backwards, or from the end of the prompt to its beginning. Write the lower number first.");
        }

        return last - (long)first < LongestRange
            ? Enumerable.Range(first, last - first + 1)
            : throw new SelectionException($"The range '{part}' is longer than any sequence.");
    }

    [GeneratedRegex(@"^(?<first>-?\d+)(-(?<last>-?\d+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex RangeForm();
}
