using System.Collections.Immutable;
using System.Text;
using OnnxLens.Bundles;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>The prompt, as ids of the model.</summary>
/// <param name="Text">Its text; null where it was given as ids.</param>
/// <param name="Ids">At least one.</param>
internal sealed record Prompt(string? Text, ImmutableArray<int> Ids)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads and encodes a prompt.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="facts">The model that it is for.</param>
    /// <param name="tokenizer">The model's tokenizer, or null.</param>
    /// <exception cref="SelectionException">It is empty, is text and the model has no tokenizer, or an id is not in the vocabulary.</exception>
    /// <exception cref="InputException">The file cannot be read.</exception>
    public static Prompt Read(PromptSource source, ModelFacts facts, Tokenizer? tokenizer)
    {
        string? text = source.Text ?? (source.File is null ? null : ReadText(source.File));
        ImmutableArray<int> ids = text is null ? source.Ids!.Value : Encode(text, tokenizer);
        foreach (int id in ids.Where(id => (uint)id >= (uint)facts.VocabularySize))
        {
            throw new SelectionException($"Token id {id} is out of range: the model's vocabulary has ids 0 to {facts.VocabularySize - 1}.");
        }

        return new Prompt(text, ids);
    }

    /// <summary>The text of a UTF-8 file.</summary>
    /// <exception cref="InputException">The name is empty, or the file is missing, cannot be read, or is not UTF-8.</exception>
    public static string ReadText(string path)
    {
        if (path.Length == 0)
        {
            throw new InputException("The name of a file of text is empty. Give a path.");
        }

        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            int mark = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            return Strict.GetString(bytes, mark, bytes.Length - mark);
        }
        catch (DecoderFallbackException failure)
        {
            throw new InputException($"'{path}' is not UTF-8: {failure.Message} Save it as UTF-8.", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{path}' cannot be read: {failure.Message}", failure);
        }
    }

    private static ImmutableArray<int> Encode(string text, Tokenizer? tokenizer)
    {
        if (text.Length == 0)
        {
            throw new SelectionException("The prompt is empty. Give at least one character.");
        }

        if (tokenizer is null)
        {
            throw new SelectionException("This model has no tokenizer files, so it cannot read text. Give the prompt as ids with --tokens, e.g. --tokens 1,2,3.");
        }

        int[] ids = tokenizer.Encode(text);
        return ids.Length > 0 ? [.. ids] : throw new SelectionException("The prompt has no tokens. Give another text.");
    }
}
