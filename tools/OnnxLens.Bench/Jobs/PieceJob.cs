using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Jobs;

/// <summary>A number of equal pieces of work, one a step.</summary>
internal sealed class PieceJob(int steps, Action<int> step) : IJob
{
    /// <inheritdoc/>
    public int Steps => steps;

    /// <inheritdoc/>
    public bool StepsAreAlike => true;

    /// <inheritdoc/>
    public void Step(int index) => step(index);

    /// <summary>Owns nothing.</summary>
    public void Dispose()
    {
    }
}
