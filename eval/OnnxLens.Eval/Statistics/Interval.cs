namespace OnnxLens.Eval.Statistics;

/// <summary>From one number to another, both ends in it.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>True where the value is between the ends or one of them.</summary>
    public bool Contains(double value) => Low <= value && value <= High;
}
