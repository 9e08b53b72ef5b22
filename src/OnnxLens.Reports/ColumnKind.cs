namespace OnnxLens.Reports;

/// <summary>What the values of a column are.</summary>
internal enum ColumnKind
{
    /// <summary>Whole numbers of 32 bits.</summary>
    Whole,

    /// <summary>Real numbers of 32 bits.</summary>
    Float32,

    /// <summary>Real numbers of 64 bits.</summary>
    Float64,

    /// <summary>Text.</summary>
    Text,
}
