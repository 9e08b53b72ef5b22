namespace OnnxLens.Export.Families;

/// <summary>Rotary position embedding: inverse frequency j of a head is θ^(−2j/D), then scaled.</summary>
/// <param name="Theta">The base θ.</param>
/// <param name="Scaling">How frequencies are scaled.</param>
public sealed record RopeSpec(double Theta, RopeScaling Scaling);
