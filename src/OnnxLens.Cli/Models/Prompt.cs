using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using OnnxLens.Bundles;
using OnnxLens.Tokenization;
using OnnxLens.Tokenization.ChatTemplates;

namespace OnnxLens.Cli.Models;

/// <summary>The prompt, as ids of the model.</summary>
/// <param name="Text">Its text, of a chat the rendered one; null where it was given as ids.</param>
/// <param name="Ids">At least one.</param>
internal sealed record Prompt(string? Text, ImmutableArray<int> Ids)
{
    private const int MostBytes = 1 << 28;

    /// <summary>Reads and encodes a prompt.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="bundle">The model that it is for.</param>
    /// <param name="tokenizer">The model's tokenizer, or null.</param>
    /// <exception cref="SelectionException">It is empty, is text and the model has no tokenizer, or an id is not in the vocabulary.</exception>
    /// <exception cref="InputException">The file cannot be read.</exception>
    /// <exception cref="ChatTemplateException">It is to be a chat, and the model has no chat template, or one that refuses it.</exception>
    public static Prompt Read(PromptSource source, LensBundle bundle, Tokenizer? tokenizer)
    {
        string? text = source.Text ?? (source.File is null ? null : ReadText(source.File));
        return Of(text, source.Ids, source.Chat, new Lazy<ChatTemplate>(() => ChatTemplate.Load(bundle.Folder)), bundle.Manifest.Model.VocabularySize, tokenizer);
    }

    /// <summary>Encodes a text, or checks ids. One of the two is given.</summary>
    /// <param name="text">The text.</param>
    /// <param name="given">The ids.</param>
    /// <param name="chat">How the text goes through the chat template; null where it is taken as it is.</param>
    /// <param name="template">The model's chat template, looked for where it is needed.</param>
    /// <param name="vocabulary">Ids of the model.</param>
    /// <param name="tokenizer">The model's tokenizer, or null.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static Prompt Of(string? text, ImmutableArray<int>? given, ChatSource? chat, Lazy<ChatTemplate> template, int vocabulary, Tokenizer? tokenizer)
    {
        ImmutableArray<int> ids;
        if (text is null)
        {
            ids = given!.Value;
        }
        else
        {
            RequireReadable(text, tokenizer);
            text = chat?.Render(template.Value, text) ?? text;
            ids = Encode(text, tokenizer, chat is null ? default : ChatTemplate.Encoding);
        }

        foreach (int id in ids.Where(id => (uint)id >= (uint)vocabulary))
        {
            throw new SelectionException($"Token id {id} is out of range: the model's vocabulary has ids 0 to {vocabulary - 1}.");
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

        if (Directory.Exists(path))
        {
            throw new InputException($"'{path}' is a folder, where a file of text was expected. Give the file itself.");
        }

        try
        {
            return StrictUtf8.Decode(ReadBytes(path).Span);
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

    /// <summary>The bytes of a file or a pipe, up to a number beyond which it is a device that never ends.</summary>
    private static ReadOnlyMemory<byte> ReadBytes(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var bytes = new MemoryStream();
        byte[] block = new byte[1 << 16];
        for (int read = file.Read(block); read > 0; read = file.Read(block))
        {
            bytes.Write(block, 0, read);
            if (bytes.Length > MostBytes)
            {
                throw new InputException($"'{path}' has more than {MostBytes} bytes: too many for a text, or a device in place of a file. Give a shorter text.");
            }
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static void RequireReadable(string text, [NotNull] Tokenizer? tokenizer)
    {
        if (text.Length == 0)
        {
            throw new SelectionException("The prompt is empty. Give at least one character.");
        }

        if (tokenizer is null)
        {
            throw new SelectionException("This model has no tokenizer files, so it cannot read text. Give the prompt as ids with --tokens, e.g. --tokens 1,2,3.");
        }
    }

    private static ImmutableArray<int> Encode(string text, Tokenizer tokenizer, TokenizeOptions options)
    {
        int[] ids = tokenizer.Encode(text, options);
        return ids.Length > 0 ? [.. ids] : throw new SelectionException("The prompt has no tokens. Give another text.");
    }
}
