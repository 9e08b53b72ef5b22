using OnnxLens.Runtime;

namespace OnnxLens.Lens;

/// <summary>Runs micro-batches one after the other, from tokens to grids. Owns its staging memory of the head; borrows the model.</summary>
internal sealed class MicroBatchRunner(LensModel model) : IDisposable
{
    private readonly LmHeadSession _head = model.Head.Sibling();

    /// <summary>Runs one micro-batch.</summary>
    /// <exception cref="SelectionException">Not everything that an input was to be steered with was applied in it.</exception>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public List<LensBatchResult> Run(MicroBatch batch, CancellationToken cancellation)
    {
        using ModelRun run = model.Begin(batch.Hooks(model.Facts), batch.Longest, batch.Rows.Length);
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
    public void Dispose() => _head.Dispose();

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
