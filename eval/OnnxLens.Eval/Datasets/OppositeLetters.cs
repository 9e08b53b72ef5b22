namespace OnnxLens.Eval.Datasets;

/// <summary>Two groups of pairs whose labels are swapped: what matches in one does not match in the other.</summary>
/// <param name="First">The group whose letter comes first in ordinal order.</param>
/// <param name="Second">The other.</param>
/// <remarks>
/// With <c>d</c> the mean difference (matching − not matching) of a group, <c>(d(First) − d(Second)) / 2</c> is the direction
/// of the letter and <c>(d(First) + d(Second)) / 2</c> that of the trait.
/// </remarks>
public sealed record OppositeLetters(LetterGroup First, LetterGroup Second)
{
    /// <summary>Finds them: of all such groups the two whose smaller one is largest. Null where no two are opposite.</summary>
    /// <param name="set">The pairs.</param>
    public static OppositeLetters? Find(PairSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var groups = Enumerable.Range(0, set.Pairs.Length)
            .GroupBy(i => (set.Pairs[i].Letter, set.Pairs[i].PositiveToken, set.Pairs[i].NegativeToken))
            .OrderBy(group => group.Key.Letter, StringComparer.Ordinal)
            .Select(group => (group.Key, Group: new LetterGroup(group.Key.Letter, [.. group])))
            .ToList();
        return (
            from first in groups
            from second in groups
            where string.CompareOrdinal(first.Key.Letter, second.Key.Letter) < 0
            where first.Key.PositiveToken == second.Key.NegativeToken && first.Key.NegativeToken == second.Key.PositiveToken
            orderby Math.Min(first.Group.Pairs.Length, second.Group.Pairs.Length) descending
            select new OppositeLetters(first.Group, second.Group)).FirstOrDefault();
    }
}
