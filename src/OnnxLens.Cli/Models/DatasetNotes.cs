using System.Collections.Immutable;
using System.Globalization;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Cli.Models;

/// <summary>What the user should know of a dataset before trusting what is made of it.</summary>
internal static class DatasetNotes
{
    private const int MostListed = 10;

    /// <summary>Notes, rows left out, and letters that are not balanced.</summary>
    public static ImmutableArray<string> Of(PairSet pairs) => Of(pairs.Name, pairs.Notes, pairs.Skipped, LetterBalance.Of(pairs));

    /// <inheritdoc cref="Of(PairSet)"/>
    public static ImmutableArray<string> Of(AnswerDataset dataset) => Of(dataset.Name, dataset.Notes, dataset.Skipped, LetterBalance.Of(dataset));

    /// <summary>Notes, and rows left out.</summary>
    public static ImmutableArray<string> Of(PromptSet prompts) =>
        [.. prompts.Notes.Select(note => $"{prompts.Name}: {note}"), .. Skipped(prompts.Name, prompts.Skipped)];

    private static ImmutableArray<string> Of(string name, ImmutableArray<string> notes, ImmutableArray<SkippedPair> skipped, LetterBalance balance) =>
        [.. notes.Select(note => $"{name}: {note}"), .. Skipped(name, skipped), .. balance.Warnings];

    private static IEnumerable<string> Skipped(string name, ImmutableArray<SkippedPair> skipped)
    {
        foreach (SkippedPair row in skipped.Take(MostListed))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{name}: {row.Sample} (line {row.Line}) is left out: {row.Reason}");
        }

        if (skipped.Length > MostListed)
        {
            yield return $"{name}: {skipped.Length - MostListed} more rows are left out";
        }
    }
}
