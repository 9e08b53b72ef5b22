namespace OnnxLens.Bench.Measuring;

/// <summary>A job in phases, of whose steps some can stand for all.</summary>
internal interface IPhasedJob : IDisposable
{
    /// <summary>Number of steps in a phase.</summary>
    public int StepsOf(Phase phase);

    /// <summary>Makes a step the next one, whatever was run before; not timed. Cheap where steps are sought from the last to the first, or it is the next one already.</summary>
    public void Seek(Phase phase, int step);

    /// <summary>Does one step. The prompt's begins the job anew.</summary>
    public void Step(Phase phase, int step);
}
