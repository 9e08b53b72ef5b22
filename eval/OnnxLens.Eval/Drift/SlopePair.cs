namespace OnnxLens.Eval.Drift;

/// <summary>One sample's slope in both bundles.</summary>
/// <param name="Sample">The sample within its dataset.</param>
/// <param name="A">Slope in A, logits per unit of the multiplier.</param>
/// <param name="B">Slope in B.</param>
public readonly record struct SlopePair(string Sample, double A, double B)
{
    /// <summary>True where the vector moves the sample in opposite directions. A slope of exactly 0 has no direction.</summary>
    public bool Flips => Math.Sign(A) * Math.Sign(B) < 0;
}
