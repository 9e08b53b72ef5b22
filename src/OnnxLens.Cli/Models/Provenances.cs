using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Tokenization;

namespace OnnxLens.Cli.Models;

/// <summary>Says where a result of this program came from.</summary>
internal static class Provenances
{
    /// <summary>The provenance of a run over all positions.</summary>
    /// <param name="folder">The bundle or checkpoint, as the user named it.</param>
    /// <param name="model">The model that ran.</param>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="tokenizer">The model's tokenizer, or null.</param>
    /// <param name="generation">How tokens were chosen, or null where none were.</param>
    public static Provenance Of(string folder, LensModel model, Prompt prompt, Tokenizer? tokenizer, GenerationOptions? generation) => new()
    {
        Tool = Provenance.ThisTool,
        Folder = folder,
        BundleHash = model.Bundle.Hash,
        Precision = model.Bundle.Manifest.Precision,
        Quantization = model.Bundle.Manifest.Quantization,
        Devices = model.Placement.Names,
        TokenizerHash = tokenizer?.Hash,
        Prompt = prompt.Text,
        PromptIds = prompt.Ids,
        Sampling = generation?.Describe(),
        Seed = generation is { IsGreedy: false } ? generation.Seed : null,
        Positions = PositionSelection.All.Text,
    };
}
