namespace OnnxLens.Eval.Datasets;

/// <summary>What rows of every kind of dataset have.</summary>
public interface IDatasetRow
{
    /// <summary>The row's name within its dataset.</summary>
    public string Sample { get; }

    /// <summary>The line of the file it begins in, from 1.</summary>
    public int Line { get; }

    /// <summary>SHA-256 of its texts.</summary>
    public string ContentHash { get; }
}
