using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>The tokenizers of models, which not every model has.</summary>
internal static class Tokenizers
{
    /// <summary>A bundle's tokenizer, or null where it has none.</summary>
    /// <exception cref="TokenizerException">Its files cannot be read.</exception>
    public static Tokenizer? Of(LensBundle bundle) => Tokenizer.Exists(bundle.Folder) ? Tokenizer.Load(bundle.Folder) : null;

    /// <summary>Refuses stop texts where there is no tokenizer to see them with.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static void RequireFor(GenerationOptions? options, Tokenizer? tokenizer)
    {
        if (tokenizer is null && options is { StopTexts.IsEmpty: false })
        {
            throw new SelectionException("This model has no tokenizer files, so --stop cannot find a text. Give ids with --stop-id.");
        }
    }
}
