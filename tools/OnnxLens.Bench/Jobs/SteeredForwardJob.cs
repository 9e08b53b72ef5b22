using OnnxLens.Bench.Measuring;
using OnnxLens.Eval.Datasets;
using OnnxLens.Eval.Sweeps;
using OnnxLens.Runtime;

namespace OnnxLens.Bench.Jobs;

/// <summary>Some points of a sweep the plain way: a whole forward pass with the vector added at the last position, and the logits of that position, for each. Borrows the model.</summary>
/// <param name="model">A model of plain graphs.</param>
/// <param name="vectors">One vector for each point.</param>
/// <param name="pair">The sample.</param>
internal sealed class SteeredForwardJob(LensModel model, IReadOnlyList<SweepVector> vectors, LabelledPair pair) : IJob
{
    /// <inheritdoc/>
    public int Steps => vectors.Count;

    /// <inheritdoc/>
    public void Step(int index)
    {
        var steer = new SteeringOperation(vectors[index].Point, vectors[index].Values);
        using ModelRun run = model.Begin(new HookSpec { Steer = [steer] }, pair.Prompt.Length);
        run.Prefill(pair.Prompt.AsSpan());
        run.RequireSteeringApplied();
        run.Logits();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Each step disposes its run.
    }
}
