namespace OnnxLens.Runtime.Products;

/// <summary>Weights of some outputs and columns, in single precision: output after output, or arranged (<see cref="EightColumns"/>).</summary>
internal readonly unsafe struct WeightTile
{
    /// <summary>fp32 [2·<see cref="Pairs"/>,<see cref="Stride"/>].</summary>
    public required float* Weights { get; init; }

    /// <summary>Elements from one output to the next, where they are not arranged.</summary>
    public required long Stride { get; init; }

    /// <summary>Pairs of outputs.</summary>
    public required int Pairs { get; init; }

    /// <summary>Columns: a multiple of <see cref="FourRows.Step"/>, at most <see cref="OneRow.Block"/>.</summary>
    public required int Columns { get; init; }

    /// <summary>True where the weights lie in the model's memory, which is asked for ahead of what is multiplied.</summary>
    public required bool IsStored { get; init; }
}
