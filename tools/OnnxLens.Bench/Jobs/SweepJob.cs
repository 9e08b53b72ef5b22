using OnnxLens.Bench.Measuring;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>A sweep of one sample by reuse: one prefill, and every point a branch. Borrows the model.</summary>
internal sealed class SweepJob(LensModel model, SweepPlan plan, LabelledPair pair) : IJob
{
    private readonly SweepRunner _runner = new(model, plan);

    /// <inheritdoc/>
    public int Steps => 1;

    /// <inheritdoc/>
    public void Step(int index) => _runner.Run("bench", pair);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The runner borrows the model and holds nothing.
    }
}
