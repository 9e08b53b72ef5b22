namespace OnnxLens.Export.Families;

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
