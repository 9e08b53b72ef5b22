using System.Collections.Immutable;
using OnnxLens.Tokenization;

namespace OnnxLens.Eval.Datasets;

/// <summary>Turns datasets into tokens with a model's own tokenizer. What cannot be told is listed, never guessed.</summary>
public sealed class PairTokenizer
{
    private readonly Tokenizer _tokenizer;
    private readonly PromptForm _form;
    private readonly int? _contextLength;

    /// <summary>Makes one.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="form">How rows become text.</param>
    /// <param name="contextLength">The most tokens that the model takes; null for no limit.</param>
    public PairTokenizer(Tokenizer tokenizer, PromptForm form, int? contextLength = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(form);
        if (contextLength is { } length)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length, nameof(contextLength));
        _tokenizer = tokenizer;
        _form = form;
        _contextLength = contextLength;
    }

    /// <summary>Encodes both full strings of each row. The label is the first token at which they differ, the prompt what stands before it.</summary>
    /// <param name="dataset">The rows. One without a split is put into <see cref="PairSet.NoSplit"/>.</param>
    /// <exception cref="EvalException">Of no row can the label be told.</exception>
    public PairSet Tokenize(AnswerDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var rows = ImmutableArray.CreateBuilder<AnswerPair>();
        var pairs = ImmutableArray.CreateBuilder<LabelledPair>();
        List<SkippedPair> skipped = [.. dataset.Skipped];
        foreach (AnswerPair row in dataset.Rows)
        {
            string? problem = TryPair(row, out LabelledPair? pair);
            if (pair is null)
            {
                skipped.Add(new SkippedPair(row.Sample, row.Line, problem!, row.Split ?? PairSet.NoSplit));
                continue;
            }

            rows.Add(row);
            pairs.Add(pair);
        }

        RequireSome(dataset.Name, pairs.Count, skipped);
        return new PairSet(dataset.Name, rows.ToImmutable(), pairs.ToImmutable(), ByLine(skipped), dataset.Notes, _form.Name);
    }

    /// <summary>Encodes both prompts of each row.</summary>
    /// <param name="dataset">The rows.</param>
    /// <exception cref="EvalException">No row can be used.</exception>
    public PromptSet Tokenize(PromptDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var used = ImmutableArray.CreateBuilder<PromptPair>();
        var prompts = ImmutableArray.CreateBuilder<ContrastPrompts>();
        List<SkippedPair> skipped = [.. dataset.Skipped];
        foreach (PromptPair row in dataset.Rows)
        {
            string? problem = TryEncode(_form.Prompt(row.Positive), _form.Prompt(row.Negative), out int[] positive, out int[] negative)
                ?? PromptProblem(positive, negative);
            if (problem is not null)
            {
                skipped.Add(new SkippedPair(row.Sample, row.Line, problem));
                continue;
            }

            used.Add(row);
            prompts.Add(new ContrastPrompts(row.Sample, [.. positive], [.. negative]));
        }

        RequireSome(dataset.Name, prompts.Count, skipped);
        string hash = ContentHashing.OfRows(used.Select(row => row.ContentHash));
        return new PromptSet(dataset.Name, hash, prompts.ToImmutable(), ByLine(skipped), dataset.Notes, _form.Name);
    }

    private string? TryPair(AnswerPair row, out LabelledPair? pair)
    {
        pair = null;
        string positiveText = _form.FullString(row.Question, row.Matching);
        string negativeText = _form.FullString(row.Question, row.NotMatching);
        if (TryEncode(positiveText, negativeText, out int[] positive, out int[] negative) is { } refusal)
            return refusal;
        (int label, string? problem) = LabelFinder.Find(positive, negative, _contextLength);
        if (problem is not null)
            return problem;

        int end = _form.QuestionEnd(row.Question);
        if (BeginsBefore(end, positiveText, positive.AsSpan(label)) || BeginsBefore(end, negativeText, negative.AsSpan(label)))
            return "the tokens of the full strings differ within the question already";
        pair = new LabelledPair(
            row.Sample, row.Split ?? PairSet.NoSplit, Letters.Of(row.Matching), ImmutableArray.Create(positive.AsSpan(0, label)), positive[label], negative[label]);
        return null;
    }

    // Whether the tokens from the label on hold more text than stands after the question's words.
    private bool BeginsBefore(int questionEnd, string text, ReadOnlySpan<int> fromLabel) =>
        _tokenizer.Decode(fromLabel, skipSpecial: true).Length > text.Length - questionEnd;

    private string? TryEncode(string positiveText, string negativeText, out int[] positive, out int[] negative)
    {
        try
        {
            positive = _tokenizer.Encode(positiveText, _form.Encoding);
            negative = _tokenizer.Encode(negativeText, _form.Encoding);
            return null;
        }
        catch (TokenizerException refusal)
        {
            positive = negative = [];
            return $"the tokenizer refuses it: {refusal.Message}";
        }
    }

    private string? PromptProblem(int[] positive, int[] negative)
    {
        int longest = Math.Max(positive.Length, negative.Length);
        return positive.AsSpan().SequenceEqual(negative) ? "both prompts are the same tokens"
            : positive.Length == 0 || negative.Length == 0 ? "a prompt has no token"
            : longest > _contextLength ? $"a prompt has {longest} tokens, and the model takes {_contextLength}"
            : null;
    }

    private static ImmutableArray<SkippedPair> ByLine(List<SkippedPair> skipped) => [.. skipped.OrderBy(row => row.Line)];

    private static void RequireSome(string dataset, int used, List<SkippedPair> skipped)
    {
        if (used == 0)
        {
            throw new EvalException(
                $"No row of the dataset '{dataset}' can be used; all {skipped.Count} are skipped. {skipped[0].Sample} (line {skipped[0].Line}): {skipped[0].Reason}. Give rows whose answers this model's tokenizer tells apart, within its length.");
        }
    }
}
