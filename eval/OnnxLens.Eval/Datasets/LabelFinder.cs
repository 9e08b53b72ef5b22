namespace OnnxLens.Eval.Datasets;

/// <summary>Finds the label: the first token at which the two full strings differ.</summary>
internal static class LabelFinder
{
    /// <summary>Its position, which is also the length of the common prompt, and why it cannot be told, as a clause; null where it can.</summary>
    /// <param name="positive">Ids of the matching string.</param>
    /// <param name="negative">Ids of the other.</param>
    /// <param name="contextLength">The most tokens that the model takes; null for no limit.</param>
    public static (int Position, string? Problem) Find(ReadOnlySpan<int> positive, ReadOnlySpan<int> negative, int? contextLength)
    {
        int position = positive.CommonPrefixLength(negative);
        string? problem =
            position == positive.Length && position == negative.Length ? "both full strings are the same tokens"
            : position == positive.Length ? "the matching string is the beginning of the other, so that it has no token where they differ"
            : position == negative.Length ? "the string that does not match is the beginning of the other, so that it has no token where they differ"
            : position == 0 ? "the full strings differ from the first token on, so that no prompt is left"
            : position >= contextLength ? $"its label is token {position + 1}, and the model takes {contextLength}"
            : null;
        return (position, problem);
    }
}
