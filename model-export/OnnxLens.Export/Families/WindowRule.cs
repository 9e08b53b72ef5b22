namespace OnnxLens.Export.Families;

/// <summary>How a family's config says which layers attend within a sliding window.</summary>
public enum WindowRule
{
    /// <summary>No layer does; a <c>sliding_window</c> in the config has no meaning.</summary>
    Never,

    /// <summary>Every layer does, where <c>sliding_window</c> is a number (Mistral).</summary>
    EveryLayer,

    /// <summary>
    /// Only with <c>use_sliding_window</c>: the layers that <c>layer_types</c> names, or else those from <c>max_window_layers</c> on (Qwen).
    /// </summary>
    ByLayer,
}
