namespace OnnxLens.Lens;

/// <summary>Which of two runs had a value that is not finite, so that there is nothing to compare.</summary>
[Flags]
public enum NonFiniteSide
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>The reference.</summary>
    Reference = 1,

    /// <summary>The other.</summary>
    Other = 2,

    /// <summary>Both.</summary>
    Both = Reference | Other,
}
