using System.Globalization;
using OnnxLens.Cli.Models;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Cli.Rendering;

/// <summary>Prints what a dataset holds as lines of name and value.</summary>
internal static class DatasetPrinter
{
    private const int NameWidth = 18;
    private const int MostListed = 10;

    /// <summary>Prints what a file holds.</summary>
    public static void Print(TextWriter output, DatasetInfo info)
    {
        Line(output, "dataset", $"{info.Path}");
        Line(output, "kind", $"{info.Kind}");
        Line(output, "rows", $"{info.Rows}{(info.Split is null ? "" : $" of split '{info.Split}', of {info.RowsInFile}")}");
        Line(output, "sha256", $"{info.Hash}");
        if (info.Kind == DatasetInfo.Pairs)
        {
            Line(output, "splits", $"{(info.Splits.IsEmpty ? "none" : string.Join(", ", info.Splits.Select(split => $"{split.Key} {split.Value}")))}");
        }

        foreach (IGrouping<string, LetterCount> split in info.Balance.Counts.GroupBy(count => count.Split))
        {
            Line(output, "letters", $"{split.Key}: {Letters(split)}");
        }

        info.Balance.Warnings.ToList().ForEach(warning => Line(output, "warning", $"{warning}"));
        Line(output, "duplicates", $"{info.Duplicates}");
        info.Notes.ToList().ForEach(note => Line(output, "note", $"{note}"));
        PrintSkipped(output, "malformed", info.Malformed);
        if (info.Tokens is DatasetTokens tokens)
        {
            output.WriteLine();
            Print(output, tokens, info.Kind);
        }
    }

    /// <summary>Prints the splits of a dataset.</summary>
    public static void PrintSplits(TextWriter output, AnswerDataset dataset, ulong seed)
    {
        Line(output, "dataset", $"{dataset.Name}");
        Line(output, "rows", $"{dataset.Rows.Length}");
        Line(output, "sha256", $"{dataset.Hash}");
        Line(output, "seed", $"{seed}");
        foreach (IGrouping<string, LetterCount> split in LetterBalance.Of(dataset).Counts.GroupBy(count => count.Split))
        {
            Line(output, "split", $"{split.Key}: {split.Sum(count => count.Pairs)} rows; {Letters(split)}");
        }
    }

    private static void Print(TextWriter output, DatasetTokens tokens, string kind)
    {
        Line(output, "tokenizer sha256", $"{tokens.Tokenizer.Hash}");
        Line(output, "prompt form", $"{tokens.PromptForm}");
        Line(output, "used", $"{tokens.Used} {kind}");
        Line(output, "used sha256", $"{tokens.Hash}");
        PrintSkipped(output, "skipped", tokens.Skipped);
        Line(output, "prompt tokens", $"{tokens.Lengths[0]} to {tokens.Lengths[^1]}, median {tokens.MedianLength}");
        var texts = new TokenTexts(tokens.Tokenizer);
        string Token(int id) => string.Create(CultureInfo.InvariantCulture, $"'{texts.Visible(id)}' (id:{id})");
        foreach (LabelTokens label in tokens.Labels.Take(MostListed))
        {
            Line(output, "label", $"{label.Letter}: {Token(label.Matching)}, the other answer {Token(label.Other)}; {label.Pairs} pairs");
        }

        PrintMore(output, tokens.Labels.Length, "labels");
        Line(output, "example", $"{tokens.Example.Sample}");
        foreach ((string name, IReadOnlyList<int> ids) in tokens.Example.Parts)
        {
            Line(output, $"  {name}", $"{(ids.Count == 1 ? Token(ids[0]) : string.Join(' ', ids.Select(texts.Visible)))}");
        }
    }

    private static void PrintSkipped(TextWriter output, string name, IReadOnlyList<SkippedPair> rows)
    {
        Line(output, name, $"{rows.Count}");
        foreach (SkippedPair row in rows.Take(MostListed))
        {
            Line(output, "", $"{row.Sample} (line {row.Line}): {row.Reason}");
        }

        PrintMore(output, rows.Count, "rows");
    }

    private static void PrintMore(TextWriter output, int count, string what)
    {
        if (count > MostListed)
        {
            Line(output, "", $"and {count - MostListed} more {what}; --json lists all");
        }
    }

    private static string Letters(IEnumerable<LetterCount> counts)
    {
        string[] letters = [.. counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Letter} {count.Pairs}"))];
        return letters.Length <= MostListed ? string.Join(", ", letters) : $"{string.Join(", ", letters.Take(MostListed))} and {letters.Length - MostListed} more";
    }

    private static void Line(TextWriter output, string name, FormattableString value) =>
        output.WriteLine($"{name.PadRight(NameWidth)}{ColumnTable.Name(value.ToString(CultureInfo.InvariantCulture))}");
}
