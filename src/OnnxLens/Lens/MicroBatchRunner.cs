using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Head;

namespace OnnxLens.Lens;

/// <summary>Runs micro-batches one after the other, from tokens to grids. Owns its staging memory of the head, and that of captures which it keeps for the next run; borrows the model.</summary>
/// <param name="model">The model.</param>
/// <param name="keptPositions">Runs of so many positions leave the memory of their captures to the next; that of longer ones is freed.</param>
/// <param name="runners">How many there are: together they decode within what a call of the head may hold.</param>
internal sealed class MicroBatchRunner(LensModel model, int keptPositions, int runners) : IDisposable
{
    private readonly DevicePool _pool = new();
    private readonly LmHeadSession _head = model.Head.Sibling(runners);

    /// <summary>Runs one micro-batch.</summary>
    /// <exception cref="SelectionException">Not everything that an input was to be steered with was applied in it.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public List<LensBatchResult> Run(MicroBatch batch, CancellationToken cancellation)
    {
        int longest = batch.Longest;
        DevicePool? pool = longest * batch.Rows.Length <= keptPositions ? _pool : null;
        using ModelRun run = model.Begin(batch.Hooks(model.Facts), longest, batch.Rows.Length, pool);
        if (batch.Rows.Length == 1)
        {
            run.Prefill(batch.Rows[0].Input.Tokens.AsSpan(), cancellation);
        }
        else
        {
            run.Prefill([.. batch.Rows.Select(row => row.Input.Tokens.ToArray())], cancellation);
        }

        return [.. batch.Rows.Select((row, sequence) => Read(run, row.Index, row.Input, sequence, cancellation))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _head.Dispose();
        _pool.Dispose();
    }

    private LensBatchResult Read(ModelRun run, int index, LensInput input, int sequence, CancellationToken cancellation)
    {
        try
        {
            run.RequireSteeringApplied(sequence);
        }
        catch (SelectionException refusal)
        {
            throw input.Named(refusal);
        }

        LensGrid grid = LensDecoder.Decode(_head, run, input.Request, following: null, sequence, progress: null, cancellation);
        return new LensBatchResult(index, input, grid, [.. input.Steer.Select(operation => run.ReachedIn(operation, sequence))]);
    }
}
