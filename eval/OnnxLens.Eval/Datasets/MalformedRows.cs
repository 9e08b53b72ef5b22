namespace OnnxLens.Eval.Datasets;

/// <summary>What becomes of a dataset's rows that cannot be used as they stand.</summary>
public enum MalformedRows
{
    /// <summary>The file is refused, and every such row named.</summary>
    Refuse,

    /// <summary>They are left out and listed, each with its reason.</summary>
    Skip,
}
