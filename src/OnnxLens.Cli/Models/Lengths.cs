using OnnxLens.Bundles;

namespace OnnxLens.Cli.Models;

/// <summary>Refuses what is too long, before a model is loaded for it.</summary>
internal static class Lengths
{
    /// <summary>The positions that prompt and generated tokens take together.</summary>
    /// <exception cref="SelectionException">They are more than the bundle can run.</exception>
    public static int Require(ModelFacts facts, int promptLength, int generated)
    {
        long length = (long)promptLength + generated;
        if (length <= facts.MaxLength)
        {
            return (int)length;
        }

        string parts = generated == 0 ? $"The prompt has {promptLength} tokens" : $"The prompt's {promptLength} tokens and {generated} more are {length}";
        string export = facts.MaxLength == facts.ContextLength
            ? ", which is all that the model was trained for. Shorten it."
            : length <= facts.ContextLength
                ? $". Shorten it, or export again with '--max-length {length}'."
                : $". Shorten it; an export with '--max-length {facts.ContextLength}' runs as many as the model was trained for.";
        throw new SelectionException($"{parts}; this bundle runs at most {facts.MaxLength}{export}");
    }
}
