using System.Collections.Immutable;
using System.Globalization;

namespace OnnxLens.PageFixtures;

/// <summary>The texts of a made-up vocabulary: words with and without their space, special tokens, whitespace, parts of characters.</summary>
internal static class FixtureVocabulary
{
    private static readonly string[] Syllables = ["ba", "den", "fi", "gol", "ha", "kur", "le", "mon", "ni", "pra", "rus", "to"];

    private static readonly ImmutableArray<string> First = ["<s>", "</s>", "\n", " ", "  ", "\t", "�", "�", ",", ".", " the", "the"];

    /// <summary>Texts of ids 0 .. <paramref name="size"/> − 1.</summary>
    internal static ImmutableArray<string> Words(int size) => [.. First.Concat(Enumerable.Range(0, Math.Max(0, size - First.Length)).Select(Word)).Take(size)];

    private static string Word(int number)
    {
        string space = number % 4 == 0 ? "" : " ";
        int count = Syllables.Length;
        string word = Syllables[number % count] + Syllables[number / count % count];
        return number < count * count ? space + word : space + word + (number / (count * count)).ToString(CultureInfo.InvariantCulture);
    }
}
