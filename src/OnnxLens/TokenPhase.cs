namespace OnnxLens;

/// <summary>Where a token of a sequence came from.</summary>
public enum TokenPhase
{
    /// <summary>Given by the caller.</summary>
    Prompt,

    /// <summary>Chosen by the model.</summary>
    Generated,
}
