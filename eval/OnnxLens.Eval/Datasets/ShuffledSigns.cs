using System.Collections.Immutable;

namespace OnnxLens.Eval.Datasets;

/// <summary>The control in which the trait's labels are shuffled: half of the pairs are turned round.</summary>
public static class ShuffledSigns
{
    private const string Purpose = "shuffled signs";

    /// <summary>
    /// A sign for each pair: −1 turns it round. Of each letter half of the pairs are, up to one, so that the letter
    /// cancels as it did; rows that ask the same question, with its options in whatever order, are turned together.
    /// </summary>
    /// <param name="set">The pairs.</param>
    /// <param name="seed">Decides which.</param>
    /// <returns>+1 or −1 for each of <see cref="PairSet.Pairs"/>.</returns>
    public static ImmutableArray<int> Draw(PairSet set, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(set);
        int[] signs = new int[set.Pairs.Length];
        Array.Fill(signs, 1);
        // Pairs turned beyond half of a letter, doubled to stay whole.
        var surplus = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (IGrouping<string, int[]> kind in Kinds(set))
        {
            int[][] questions = [.. kind.OrderBy(pairs => ContentHashing.Draw(seed, Purpose, set.Rows[pairs[0]].QuestionKey)).ThenBy(pairs => pairs[0])];
            string[] letters = [.. questions[0].Select(pair => set.Pairs[pair].Letter)];
            int turned = questions.Length / 2;
            if (questions.Length % 2 == 1)
            {
                int tilt = letters.Sum(letter => surplus.GetValueOrDefault(letter));
                bool up = tilt < 0 || (tilt == 0 && ContentHashing.Draw(seed, Purpose, kind.Key) % 2 == 0);
                turned += up ? 1 : 0;
                foreach (string letter in letters)
                    surplus[letter] = surplus.GetValueOrDefault(letter) + (up ? 1 : -1);
            }

            foreach (int pair in questions.Take(turned).SelectMany(pairs => pairs))
                signs[pair] = -1;
        }

        return [.. signs];
    }

    // Questions by the letters of their pairs; those of most pairs first, so that the small ones can even out what these leave.
    private static IEnumerable<IGrouping<string, int[]>> Kinds(PairSet set) => Enumerable.Range(0, set.Pairs.Length)
        .GroupBy(i => set.Rows[i].QuestionKey)
        .Select(question => question.ToArray())
        .GroupBy(pairs => string.Join('\n', pairs.Select(pair => set.Pairs[pair].Letter).Order(StringComparer.Ordinal)))
        .OrderByDescending(kind => kind.First().Length)
        .ThenBy(kind => kind.Key, StringComparer.Ordinal);
}
