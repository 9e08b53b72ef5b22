using System.Collections.Immutable;
using System.Globalization;

namespace OnnxLens.Generation;

/// <summary>How the next tokens are chosen, and when to stop.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens to generate at most.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>Logits are divided by it before sampling; 0 takes the most likely token every time (greedy).</summary>
    public float Temperature { get; init; }

    /// <summary>Only the k most likely tokens are sampled; 0 is all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the smallest set of most likely tokens whose probabilities sum to at least this is sampled; 1 is all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Only tokens at least this fraction as likely as the most likely one are sampled; 0 is all.</summary>
    public float MinP { get; init; }

    /// <summary>Logits of tokens already in the sequence are divided by it where positive, multiplied where negative; 1 is off. Acts on greedy choice too.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Seed of the sampler. The same seed gives the same tokens.</summary>
    public ulong Seed { get; init; }

    /// <summary>Ids that end the sequence. The id itself is kept as the last generated token.</summary>
    public ImmutableArray<int> StopIds { get; init; } = [];

    /// <summary>Texts that end the sequence, wherever tokens divide them. The text returned ends before them.</summary>
    public ImmutableArray<string> StopTexts { get; init; } = [];

    /// <summary>True where the most likely token is always taken.</summary>
    public bool IsGreedy => Temperature == 0;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="SelectionException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(MaxNewTokens >= 1, "max-new-tokens", MaxNewTokens, "1 or more");
        Require(Temperature >= 0 && float.IsFinite(Temperature), "temperature", Temperature, "0 (greedy) or more");
        Require(TopK >= 0, "top-k", TopK, "0 (off) or more");
        Require(TopP is > 0 and <= 1, "top-p", TopP, "more than 0 and at most 1");
        Require(MinP is >= 0 and <= 1, "min-p", MinP, "0 to 1");
        Require(RepetitionPenalty > 0 && float.IsFinite(RepetitionPenalty), "repetition-penalty", RepetitionPenalty, "more than 0");
        if (StopTexts.Any(string.IsNullOrEmpty))
        {
            throw new SelectionException("A stop text is empty. Give at least one character.");
        }
    }

    /// <summary>The settings in words, e.g. <c>greedy</c> or <c>temperature 0.8 top-p 0.9</c>. The seed is not among them.</summary>
    public string Describe()
    {
        var words = new List<string> { IsGreedy ? "greedy" : Format("temperature", Temperature) };
        if (!IsGreedy)
        {
            AddUnless(TopK == 0, "top-k", TopK);
            AddUnless(TopP == 1, "top-p", TopP);
            AddUnless(MinP == 0, "min-p", MinP);
        }

        AddUnless(RepetitionPenalty == 1, "repetition-penalty", RepetitionPenalty);
        return string.Join(' ', words);

        void AddUnless(bool off, string name, float value)
        {
            if (!off)
            {
                words.Add(Format(name, value));
            }
        }

        static string Format(string name, float value) => string.Create(CultureInfo.InvariantCulture, $"{name} {value}");
    }

    private static void Require(bool holds, string name, float value, string expected)
    {
        if (!holds)
        {
            throw new SelectionException(string.Create(CultureInfo.InvariantCulture, $"'{name}' is {value}; it must be {expected}."));
        }
    }
}
