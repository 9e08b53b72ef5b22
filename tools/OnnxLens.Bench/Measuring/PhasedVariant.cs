namespace OnnxLens.Bench.Measuring;

/// <summary>One of several ways to do a job in phases.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MostSteps">Steps that are measured of a phase of more than twice as many; the others are extrapolated from them.</param>
/// <param name="Begin">Makes a fresh job; not timed.</param>
internal sealed record PhasedVariant(string Name, int MostSteps, Func<IPhasedJob> Begin)
{
    /// <summary>How often the prompt is run, once a turn.</summary>
    public int PromptTurns { get; init; } = 5;

    /// <summary>Steps of the phase of tokens in one turn.</summary>
    public int TokensOfATurn { get; init; } = Turn.Steps;
}
