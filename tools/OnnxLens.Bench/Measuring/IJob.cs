namespace OnnxLens.Bench.Measuring;

/// <summary>Work in steps, so that the steps of several jobs can be timed in turn.</summary>
internal interface IJob : IDisposable
{
    /// <summary>Number of steps.</summary>
    public int Steps { get; }

    /// <summary>True where every step costs about the same.</summary>
    public bool StepsAreAlike => false;

    /// <summary>Does one step; they come in order.</summary>
    public void Step(int index);
}
