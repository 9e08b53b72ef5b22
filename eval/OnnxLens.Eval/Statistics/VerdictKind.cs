namespace OnnxLens.Eval.Statistics;

/// <summary>What a sweep says of a vector.</summary>
public enum VerdictKind
{
    /// <summary>More of the vector makes the behaviour likelier.</summary>
    Works,

    /// <summary>More of the vector makes the behaviour less likely, as reliably.</summary>
    WorksAgainst,

    /// <summary>The slope is not reliable, next to nothing, or not the vector's own doing.</summary>
    DoesNotWork,

    /// <summary>There are too few questions, or one letter only, so that nothing can be told.</summary>
    Undecided,
}
