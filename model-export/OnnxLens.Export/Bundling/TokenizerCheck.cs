using OnnxLens.Tokenization;

namespace OnnxLens.Export.Bundling;

/// <summary>Checks that tokenizer files fit a model.</summary>
internal static class TokenizerCheck
{
    /// <summary>Reads the tokenizer of a folder, where it has one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rows">Rows of the model's unembedding.</param>
    /// <returns>What does not fit, or null.</returns>
    /// <exception cref="TokenizerException">The files cannot be read.</exception>
    public static string? Misfit(string folder, int rows)
    {
        int? size = Tokenizer.Exists(folder) ? Tokenizer.Load(folder).VocabularySize : null;
        return size > rows ? $"The tokenizer in '{folder}' has ids up to {size - 1}, but the model's 'vocab_size' is {rows}." : null;
    }

    /// <summary>Refuses a tokenizer that has ids that the model does not.</summary>
    /// <inheritdoc cref="Misfit" path="/param"/>
    /// <exception cref="TokenizerException">It has, or its files cannot be read.</exception>
    public static void Require(string folder, int rows)
    {
        if (Misfit(folder, rows) is string misfit)
        {
            throw new TokenizerException($"{misfit} The tokenizer files belong to another model: replace them, or remove them and work with token ids.");
        }
    }
}
