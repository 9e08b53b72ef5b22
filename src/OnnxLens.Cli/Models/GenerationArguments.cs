using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Generation;

namespace OnnxLens.Cli.Models;

/// <summary>How to generate, as the command line says it.</summary>
/// <param name="Options">Settings of sampler and stops, without the model's own ids of the end.</param>
/// <param name="IgnoreEos">True: those ids do not stop it.</param>
/// <param name="CountWasGiven">True where the user named the number of tokens, so that it must fit.</param>
internal sealed record GenerationArguments(GenerationOptions Options, bool IgnoreEos, bool CountWasGiven)
{
    /// <summary>Positions that are run at most. The last token generated is not run.</summary>
    /// <param name="promptLength">Tokens of the prompt.</param>
    /// <param name="capacity">Positions of prompt and generated tokens.</param>
    /// <param name="generation">How is generated; null where nothing is.</param>
    public static int Longest(int promptLength, int capacity, GenerationOptions? generation) =>
        Math.Max(promptLength, generation is null ? capacity : Math.Min(capacity, promptLength + generation.MaxNewTokens - 1));

    /// <summary>The settings for a model: its ids of the end stop the generation unless they are ignored.</summary>
    /// <exception cref="SelectionException">A stop id is not in the vocabulary.</exception>
    public GenerationOptions For(ModelFacts facts)
    {
        foreach (int id in Options.StopIds.Where(id => id >= facts.VocabularySize))
        {
            throw new SelectionException($"Stop id {id} is out of range: the model's vocabulary has ids 0 to {facts.VocabularySize - 1}.");
        }

        ImmutableArray<int> ends = IgnoreEos ? [] : facts.EndOfSequenceIds;
        return Options with { StopIds = [.. Options.StopIds, .. ends] };
    }

    /// <summary>Positions that prompt and generated tokens take together.</summary>
    /// <exception cref="SelectionException">They do not fit the bundle.</exception>
    public int Capacity(ModelFacts facts, int promptLength)
    {
        long wanted = (long)promptLength + Options.MaxNewTokens;
        int capacity = CountWasGiven ? Lengths.Require(facts, promptLength, Options.MaxNewTokens) : (int)Math.Min(wanted, facts.MaxLength);
        return capacity > promptLength ? capacity : Lengths.Require(facts, promptLength, 1);
    }
}
