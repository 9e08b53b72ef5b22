namespace OnnxLens.Steering;

/// <summary>Who made a steering vector, and from what. Every member may be unknown.</summary>
public sealed record VectorOrigin
{
    /// <summary>The program and its version, e.g. <c>onnxlens 0.1.0</c> or <c>repeng</c>.</summary>
    public string? Tool { get; init; }

    /// <summary>SHA-256 of the bundle that it was extracted from.</summary>
    public string? BundleHash { get; init; }

    /// <summary>SHA-256 of that bundle's weights (<see cref="Bundles.LensBundle.WeightsHash"/>), which other bundles of the same checkpoint share.</summary>
    public string? WeightsHash { get; init; }

    /// <summary>Family or name of the model, e.g. <c>llama</c>.</summary>
    public string? Model { get; init; }

    /// <summary>How it was made, e.g. <c>mean-difference</c>, <c>pca</c>, <c>logistic</c>, or <c>combine</c> with what was combined.</summary>
    public string? Method { get; init; }

    /// <summary>SHA-256 of the pairs it was made from.</summary>
    public string? DatasetHash { get; init; }

    /// <summary>Name of the dataset.</summary>
    public string? Dataset { get; init; }

    /// <summary>How many pairs it was made from.</summary>
    public int? Pairs { get; init; }

    /// <summary>Which token of each pair was read: <c>label</c> (the label token) or <c>last</c> (the last token of the prompt).</summary>
    public string? Position { get; init; }

    /// <summary>The rule by which the file's layer numbers were read, where the file is of another program.</summary>
    public string? LayerConvention { get; init; }
}
