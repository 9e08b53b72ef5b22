using System.Collections.Immutable;
using OnnxLens.Export.Families;
using OnnxLens.Onnx;

namespace OnnxLens.Export.Checkpoints;

/// <summary>A Hugging Face checkpoint folder that was read and found sound: its architecture, and every weight by name.</summary>
public sealed record Checkpoint
{
    /// <summary>The folder, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>What the config says.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>Every tensor that the architecture needs, checked in name, shape and type.</summary>
    public required ImmutableSortedDictionary<string, CheckpointTensor> Tensors { get; init; }

    /// <summary>The element type that most of the weight bytes are stored in: Float, Float16 or BFloat16.</summary>
    public required ElementType WeightType { get; init; }

    /// <summary>Names of the weight files, ordinal order.</summary>
    public required ImmutableArray<string> WeightFiles { get; init; }

    /// <summary>Names of the tokenizer files that are there (tokenizer.json, tokenizer.model, tokenizer_config.json, special_tokens_map.json, generation_config.json, chat_template.jinja, …).</summary>
    public required ImmutableArray<string> TokenizerFiles { get; init; }
}
