using System.Collections.Immutable;
using OnnxLens.Lens;

namespace OnnxLens.Reports;

/// <summary>The lens of one sequence with what is needed to read it: its tokens, the texts of ids, and where it came from.</summary>
public sealed record LensReport
{
    /// <summary>Where the result came from.</summary>
    public required Provenance Provenance { get; init; }

    /// <summary>The whole sequence: index is position. May be longer than the positions of the grid.</summary>
    public required ImmutableArray<ReportToken> Tokens { get; init; }

    /// <summary>The result.</summary>
    public required LensGrid Grid { get; init; }

    /// <summary>The display form of any id of the vocabulary. Asked once for each id.</summary>
    public required Func<int, string> TokenText { get; init; }

    /// <summary>Whether an id is that of a control token; null where no tokenizer says, and a page goes by the text.</summary>
    public Func<int, bool>? IsSpecial { get; init; }

    /// <summary>The number of the sequence among those that were run, from 0.</summary>
    public int Sequence { get; init; }

    /// <summary>The name of the sequence where it is one of many: the first column of every table. Null where there is one sequence, and no such column.</summary>
    public string? Name { get; init; }

    /// <summary>Checks that the parts fit together.</summary>
    /// <exception cref="ArgumentException">A position of the grid is not one of the sequence.</exception>
    public void Validate()
    {
        foreach (int position in Grid.Positions)
        {
            if ((uint)position >= (uint)Tokens.Length)
                throw new ArgumentException($"The grid has position {position}; the report's sequence has {Tokens.Length} tokens.");
        }
    }
}
