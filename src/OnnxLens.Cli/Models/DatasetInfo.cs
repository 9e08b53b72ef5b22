using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Eval.Datasets;

namespace OnnxLens.Cli.Models;

/// <summary>What a file of pairs or of contrast prompts holds, and what a tokenizer makes of it.</summary>
internal sealed record DatasetInfo
{
    /// <summary>The kind of questions with two answers.</summary>
    public const string Pairs = "pairs";

    /// <summary>The kind of prompts with and without the trait.</summary>
    public const string Prompts = "contrast prompts";

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary><see cref="Pairs"/> or <see cref="Prompts"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Rows of the file, malformed ones left out.</summary>
    public required int RowsInFile { get; init; }

    /// <summary>Split → its rows in the file. Empty where rows name none.</summary>
    public ImmutableSortedDictionary<string, int> Splits { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>The only split looked at, or null.</summary>
    public string? Split { get; init; }

    /// <summary>Rows looked at.</summary>
    public required int Rows { get; init; }

    /// <summary>SHA-256 of the rows looked at.</summary>
    public required string Hash { get; init; }

    /// <summary>Letters of the rows looked at, where there is a tokenizer of those it can use. Empty for contrast prompts.</summary>
    public LetterBalance Balance { get; init; } = new([], []);

    /// <summary>Rows of the file that are the same as an earlier one.</summary>
    public required int Duplicates { get; init; }

    /// <summary>What else there is to say of the file, in sentences.</summary>
    public required ImmutableArray<string> Notes { get; init; }

    /// <summary>Malformed rows, which are left out.</summary>
    public required ImmutableArray<SkippedPair> Malformed { get; init; }

    /// <summary>What the tokenizer makes of it, or null where no model is given.</summary>
    public DatasetTokens? Tokens { get; init; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="arguments">How; there is no limit.</param>
    /// <param name="bundle">The model, or null.</param>
    /// <exception cref="OnnxLensException">The file cannot be read, has no such split, or the tokenizer can use none of it.</exception>
    public static DatasetInfo Read(string path, DatasetArguments arguments, LensBundle? bundle)
    {
        DatasetSource? source = bundle is null ? null : new DatasetSource(bundle, arguments);
        string name = NamedFile.DefaultName(path);
        return DatasetReader.HoldsPrompts(path) ? ReadPrompts(path, name, arguments, source) : ReadPairs(path, name, arguments, source);
    }

    private static DatasetInfo ReadPairs(string path, string name, DatasetArguments arguments, DatasetSource? source)
    {
        AnswerDataset all = DatasetSource.ReadAnswers(path, name, arguments);
        AnswerDataset rows = arguments.Split is string split ? all.OfSplit(split) : all;
        PairSet? pairs = source?.Tokens.Tokenize(rows);
        return new DatasetInfo
        {
            Path = path,
            Kind = Pairs,
            RowsInFile = all.Rows.Length,
            Splits = all.SplitNames.ToImmutableSortedDictionary(one => one, one => all.Rows.Count(row => row.Split == one), StringComparer.Ordinal),
            Split = arguments.Split,
            Rows = rows.Rows.Length,
            Hash = rows.Hash,
            Balance = pairs is null ? LetterBalance.Of(rows) : LetterBalance.Of(pairs),
            Duplicates = all.Rows.Length - all.Rows.Select(row => row.ContentHash).Distinct().Count(),
            Notes = all.Notes,
            Malformed = all.Skipped,
            Tokens = pairs is null ? null : DatasetTokens.Of(source!.Tokenizer, pairs, all.Skipped),
        };
    }

    private static DatasetInfo ReadPrompts(string path, string name, DatasetArguments arguments, DatasetSource? source)
    {
        if (arguments.Split is not null || arguments.SplitFile is not null)
        {
            throw new SelectionException($"'{path}' holds contrast prompts, which have no splits. Leave out --split and --splits.");
        }

        PromptDataset all = DatasetReader.ReadPrompts(path, new DatasetReadOptions { Name = name, Malformed = arguments.Malformed });
        return new DatasetInfo
        {
            Path = path,
            Kind = Prompts,
            RowsInFile = all.Rows.Length,
            Rows = all.Rows.Length,
            Hash = all.Hash,
            Duplicates = all.Rows.Length - all.Rows.Select(row => row.ContentHash).Distinct().Count(),
            Notes = all.Notes,
            Malformed = all.Skipped,
            Tokens = source is null ? null : DatasetTokens.Of(source.Tokenizer, source.Tokens.Tokenize(all), all.Skipped),
        };
    }
}
