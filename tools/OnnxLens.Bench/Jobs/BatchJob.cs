using OnnxLens.Bench.Measuring;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>The lens of many prompts, from tokens to grids. Borrows the model.</summary>
internal sealed class BatchJob(LensModel model, IReadOnlyList<LensInput> inputs, LensBatchOptions options) : IJob
{
    /// <inheritdoc/>
    public int Steps => 1;

    /// <inheritdoc/>
    public void Step(int index)
    {
        foreach (LensBatchResult result in LensBatch.Run(model, inputs, options))
        {
            GC.KeepAlive(result.Grid);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A batch ends with its enumeration.
    }
}
