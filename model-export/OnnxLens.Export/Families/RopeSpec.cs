namespace OnnxLens.Export.Families;

/// <summary>Rotary position embedding: inverse frequency j of a head is θ^(−2j/D), then scaled.</summary>
/// <param name="Theta">The base θ.</param>
/// <param name="Scaling">How frequencies are scaled.</param>
public sealed record RopeSpec(double Theta, RopeScaling Scaling);

/// <summary>How rotary frequencies are scaled for long contexts.</summary>
public abstract record RopeScaling
{
    private RopeScaling() { }

    /// <summary>Not at all.</summary>
    public sealed record None : RopeScaling;

    /// <summary>Every frequency divided by a factor.</summary>
    public sealed record Linear(double Factor) : RopeScaling;

    /// <summary>Llama 3: long wavelengths divided, short ones kept, a ramp between.</summary>
    public sealed record Llama3(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalLength) : RopeScaling;
}
