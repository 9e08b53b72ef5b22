namespace OnnxLens.Export.Checkpoints;

/// <summary>How a checkpoint is read.</summary>
public sealed record CheckpointReaderOptions
{
    /// <summary>The longest sequence taken when nobody asks for another: rotary tables and KV cache grow with it.</summary>
    public const int DefaultMaxLength = 4096;

    /// <summary>
    /// The longest sequence the exported model shall run, in tokens; null is the model's context length, at most <see cref="DefaultMaxLength"/>.
    /// </summary>
    public int? MaxLength { get; init; }
}
