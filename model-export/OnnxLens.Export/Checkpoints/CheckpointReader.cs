using System.Collections.Immutable;
using OnnxLens.Export.Families;

namespace OnnxLens.Export.Checkpoints;

/// <summary>Reads a Hugging Face checkpoint folder: config, weights by header, names of tokenizer files. No weight is loaded.</summary>
public static class CheckpointReader
{
    /// <summary>The config's file name.</summary>
    internal const string ConfigFile = "config.json";

    private static readonly ImmutableArray<string> KnownTokenizerFiles =
    [
        "added_tokens.json",
        "chat_template.jinja",
        "chat_template.json",
        "generation_config.json",
        "merges.txt",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer.model",
        "tokenizer_config.json",
        "vocab.json",
    ];

    /// <summary>Reads and checks a checkpoint.</summary>
    /// <remarks>
    /// A tied checkpoint may still hold <c>lm_head.weight</c>. Where its bytes are those of the embedding it is left out of
    /// <see cref="Checkpoint.Tensors"/>; where they are not, transformers 4 ignores it and transformers 5 uses it, so it is refused.
    /// Stored rotary frequencies (<c>*.rotary_emb.inv_freq</c>) are ignored, as transformers does.
    /// </remarks>
    /// <param name="folder">The folder that holds config.json.</param>
    /// <param name="options">How to read; null is the defaults.</param>
    /// <exception cref="CheckpointException">The folder is no sound checkpoint; the message names file, field or tensor, what was expected and what to do.</exception>
    /// <exception cref="UnsupportedArchitectureException">The checkpoint is sound, but of a kind that is not built.</exception>
    public static Checkpoint Read(string folder, CheckpointReaderOptions? options = null)
    {
        (string path, Architecture architecture) = ReadArchitecture(folder, options);
        return WithWeights(path, architecture);
    }

    /// <summary>Reads a checkpoint to plan with: where the folder has no weights, they are what its config says they would be (<see cref="ConfigCheckpoint"/>).</summary>
    /// <inheritdoc cref="Read" path="/param"/>
    /// <inheritdoc cref="Read" path="/exception"/>
    internal static Checkpoint ReadForPlan(string folder, CheckpointReaderOptions? options)
    {
        (string path, Architecture architecture) = ReadArchitecture(folder, options);
        return WeightFiles.AreIn(path) ? WithWeights(path, architecture) : ConfigCheckpoint.Of(path, architecture);
    }

    private static (string Path, Architecture Architecture) ReadArchitecture(string folder, CheckpointReaderOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string path = Path.GetFullPath(folder);
        CheckFolder(path);
        return (path, ConfigReader.Read(path, options?.MaxLength));
    }

    private static Checkpoint WithWeights(string folder, Architecture architecture)
    {
        WeightSet weights = WeightReader.Read(folder, architecture);
        return new Checkpoint
        {
            Folder = folder,
            Architecture = architecture,
            Tensors = weights.Tensors,
            WeightType = weights.MainType,
            WeightFiles = weights.Files,
            TokenizerFiles = TokenizerFilesIn(folder),
        };
    }

    /// <summary>The tokenizer files and chat templates of a folder.</summary>
    internal static ImmutableArray<string> TokenizerFilesIn(string folder) => [.. KnownTokenizerFiles.Where(name => File.Exists(Path.Combine(folder, name)))];

    private static void CheckFolder(string folder)
    {
        if (File.Exists(folder))
        {
            throw new CheckpointException($"'{folder}' is a file; expected a checkpoint folder with config.json and model.safetensors. Give the folder that holds it.");
        }

        if (!Directory.Exists(folder))
        {
            throw new CheckpointException($"There is no folder '{folder}'. Give a Hugging Face checkpoint folder.");
        }

        if (!File.Exists(Path.Combine(folder, ConfigFile)))
        {
            throw new CheckpointException(
                $"'{folder}' has no config.json; {FolderListing.Describe(folder)} Give the folder of a Hugging Face checkpoint: config.json and .safetensors files.");
        }
    }
}
