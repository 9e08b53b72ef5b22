using System.Collections.Immutable;
using OnnxLens.Eval.Datasets;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>What a model's tokenizer makes of a dataset.</summary>
internal sealed record DatasetTokens
{
    private const int TokensShown = 12;

    /// <summary>The tokenizer.</summary>
    public required Tokenizer Tokenizer { get; init; }

    /// <summary>How rows became text: <c>raw</c> or <c>chat</c>.</summary>
    public required string PromptForm { get; init; }

    /// <summary>Rows that can be used.</summary>
    public required int Used { get; init; }

    /// <summary>SHA-256 of these, as results name it.</summary>
    public required string Hash { get; init; }

    /// <summary>Well-formed rows that cannot be used.</summary>
    public required ImmutableArray<SkippedPair> Skipped { get; init; }

    /// <summary>Tokens of each prompt, ascending. At least one; for contrast prompts both of each row.</summary>
    public required ImmutableArray<int> Lengths { get; init; }

    /// <summary>Label tokens by letter, the most frequent of each first. Empty for contrast prompts.</summary>
    public required ImmutableArray<LabelTokens> Labels { get; init; }

    /// <summary>The first row used.</summary>
    public required TokenExample Example { get; init; }

    /// <summary>The median length of a prompt.</summary>
    public double MedianLength => (Lengths[(Lengths.Length - 1) / 2] + Lengths[Lengths.Length / 2]) / 2.0;

    /// <summary>Of pairs.</summary>
    /// <param name="tokenizer">What made the tokens.</param>
    /// <param name="set">The pairs.</param>
    /// <param name="malformed">Rows that were malformed.</param>
    public static DatasetTokens Of(Tokenizer tokenizer, PairSet set, ImmutableArray<SkippedPair> malformed)
    {
        LabelledPair first = set.Pairs[0];
        return new DatasetTokens
        {
            Tokenizer = tokenizer,
            PromptForm = set.PromptForm,
            Used = set.Pairs.Length,
            Hash = set.Hash,
            Skipped = [.. set.Skipped.Except(malformed)],
            Lengths = [.. set.Pairs.Select(pair => pair.Prompt.Length).Order()],
            Labels =
            [
                .. set.Pairs.GroupBy(pair => (pair.Letter, pair.PositiveToken, pair.NegativeToken))
                    .Select(group => new LabelTokens(group.Key.Letter, group.Key.PositiveToken, group.Key.NegativeToken, group.Count()))
                    .OrderBy(label => label.Letter, StringComparer.Ordinal)
                    .ThenByDescending(label => label.Pairs),
            ],
            Example = new TokenExample(first.Sample, [("prompt end", End(first.Prompt)), ("matching", [first.PositiveToken]), ("other", [first.NegativeToken])]),
        };
    }

    /// <summary>Of contrast prompts.</summary>
    /// <inheritdoc cref="Of(Tokenizer, PairSet, ImmutableArray{SkippedPair})" path="/param"/>
    public static DatasetTokens Of(Tokenizer tokenizer, PromptSet set, ImmutableArray<SkippedPair> malformed)
    {
        ContrastPrompts first = set.Prompts[0];
        return new DatasetTokens
        {
            Tokenizer = tokenizer,
            PromptForm = set.PromptForm,
            Used = set.Prompts.Length,
            Hash = set.Hash,
            Skipped = [.. set.Skipped.Except(malformed)],
            Lengths = [.. set.Prompts.SelectMany(row => new[] { row.Positive.Length, row.Negative.Length }).Order()],
            Labels = [],
            Example = new TokenExample(first.Sample, [("positive end", End(first.Positive)), ("negative end", End(first.Negative))]),
        };
    }

    private static ImmutableArray<int> End(ImmutableArray<int> ids) => ids[Math.Max(0, ids.Length - TokensShown)..];
}
