namespace OnnxLens.Onnx;

/// <summary>One way in which a model breaks the format.</summary>
/// <param name="Where">The part of the model, for example <c>graph 'main', node '/layers.0/Add' (Add)</c>.</param>
/// <param name="Problem">What is wrong, and what was expected.</param>
public sealed record GraphFinding(string Where, string Problem)
{
    /// <summary>Where and what, in one line.</summary>
    public override string ToString() => $"{Where}: {Problem}";
}
