namespace OnnxLens.Generation;

/// <summary>Why a generation ended.</summary>
public enum StopReason
{
    /// <summary>The number of tokens asked for was reached.</summary>
    MaxNewTokens,

    /// <summary>A stop id was generated.</summary>
    StopId,

    /// <summary>A stop text was generated.</summary>
    StopText,

    /// <summary>The bundle's maximum length was reached.</summary>
    MaxLength,

    /// <summary>The caller cancelled. What was done until then is kept.</summary>
    Cancelled,
}
