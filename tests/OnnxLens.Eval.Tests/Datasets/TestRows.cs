using System.Collections.Immutable;
using OnnxLens.Eval.Datasets;
using OnnxLens.Tokenization;

namespace OnnxLens.Eval.Tests.Datasets;

/// <summary>Datasets made in place.</summary>
internal static class TestRows
{
    /// <summary>A question with two options, of which the first stands as (A).</summary>
    public static string Question(string stem, string a, string b) => $"{stem}\n\nChoices:\n (A) {a}\n (B) {b}";

    /// <summary>Rows of the given letters, each of a question of its own; <paramref name="from"/> numbers the first.</summary>
    public static IEnumerable<AnswerPair> Single(string letters, int from = 0, string? split = null) =>
        letters.Select((letter, i) => Row(from + i, Question($"Question {from + i}?", "yes", "no"), letter, split));

    /// <summary>Both orders of so many questions: matching (A), then matching (B).</summary>
    public static IEnumerable<AnswerPair> BothOrders(int questions, int from = 0) =>
        Enumerable.Range(from, questions).SelectMany(i => new[]
        {
            Row(2 * i, Question($"Which, {i}?", "bold", "shy"), 'A', null),
            Row((2 * i) + 1, Question($"Which, {i}?", "shy", "bold"), 'B', null),
        });

    /// <summary>A dataset.</summary>
    public static AnswerDataset Dataset(IEnumerable<AnswerPair> rows) => new("trait", [.. rows]);

    /// <summary>The dataset as tokens of the demo's tokenizer.</summary>
    public static PairSet Tokens(IEnumerable<AnswerPair> rows) => Tokens(Dataset(rows));

    /// <summary>The dataset as tokens of the demo's tokenizer.</summary>
    public static PairSet Tokens(AnswerDataset dataset) => new PairTokenizer(TestTokenizers.Demo, PromptForm.Raw).Tokenize(dataset);

    /// <summary>A dataset of one question, as tokens.</summary>
    public static PairSet Tokens(Tokenizer tokenizer, PromptForm form, string question, string matching, string notMatching, int? contextLength = null) =>
        new PairTokenizer(tokenizer, form, contextLength).Tokenize(new AnswerDataset("trait", ImmutableArray.Create(new AnswerPair("row0", 1, question, matching, notMatching))));

    private static AnswerPair Row(int number, string question, char letter, string? split) =>
        new($"row{number}", number + 1, question, $"({letter})", letter == 'A' ? "(B)" : "(A)", split);
}
