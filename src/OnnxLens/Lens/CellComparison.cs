namespace OnnxLens.Lens;

/// <summary>How two runs differ at one hook point and position.</summary>
/// <param name="NonFinite">Where an activation or a logit is not finite. If anywhere, the rest is undefined: NaN and −1.</param>
/// <param name="Activation">How the activation rows differ.</param>
/// <param name="Logits">How the distributions that each model's own LM head reads in them differ.</param>
public readonly record struct CellComparison(NonFiniteSide NonFinite, ActivationComparison Activation, LogitComparison Logits)
{
    /// <summary>True where there was something to compare.</summary>
    public bool IsDefined => NonFinite == NonFiniteSide.None;

    /// <summary>A cell where there is nothing to compare.</summary>
    public static CellComparison Undefined(NonFiniteSide side) =>
        new(side, new ActivationComparison(double.NaN, double.NaN), new LogitComparison(double.NaN, double.NaN, double.NaN, -1, -1, double.NaN, double.NaN, double.NaN));
}
