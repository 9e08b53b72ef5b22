using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Operators;
using OnnxLens.Runtime.Pipeline;

namespace OnnxLens.Runtime;

/// <summary>What a step of branches gave: the last residual of each, and the activations captured. Owns that memory; borrows the model.</summary>
public sealed class BranchStep : IDisposable
{
    private readonly LensModel _model;
    private readonly RunShape _shape;

    internal BranchStep(LensModel model, RunShape shape, ImmutableArray<HookPoint> capture, ElementType type, int asked)
    {
        _model = model;
        _shape = shape;
        Count = shape.Batch * shape.NewLength;
        SteeringAsked = asked;
        Final = new DeviceBuffer(model.Placement.Head, type, (long)Count * model.Facts.HiddenSize);
        try
        {
            Captures = new CaptureBuffer(capture, type, model.Facts.HiddenSize, shape.Batch, Count, model.DeviceOfLayer);
        }
        catch
        {
            Final.Dispose();
            throw;
        }
    }

    /// <summary>Number of branches, R.</summary>
    public int Count { get; }

    /// <summary>Steering operations of all branches.</summary>
    public long SteeringAsked { get; }

    /// <summary>Those of them that were fed. Always as many as were asked for: a step in which they are not fails.</summary>
    public long SteeringApplied { get; private set; }

    internal DeviceBuffer Final { get; }

    internal CaptureBuffer Captures { get; }

    /// <summary>Copies the captured value of one branch, widened to single precision.</summary>
    /// <param name="point">A captured hook point.</param>
    /// <param name="branch">The branch.</param>
    /// <param name="destination">H values.</param>
    public void Read(HookPoint point, int branch, Span<float> destination)
    {
        (int sequence, int position) = _shape.Branches ? (0, branch) : (branch, 0);
        Captures.Read(point, sequence, position, destination);
    }

    /// <summary>Logits of chosen tokens after each branch, through the LM head. The logits of other tokens never leave its device.</summary>
    /// <param name="targets">Ids, [R,m] row-major.</param>
    /// <param name="perBranch">Targets of each branch, m.</param>
    /// <param name="cancellation">Stops within a call.</param>
    /// <returns>Logits, [R,m]; NaN where the branch's activation is not a number.</returns>
    public float[] TargetLogits(ReadOnlySpan<int> targets, int perBranch, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perBranch, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(targets.Length, Count * perBranch, nameof(targets));
        foreach (int id in targets)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)_model.Facts.VocabularySize, nameof(targets));
        }

        float[] logits = new float[targets.Length];
        for (int first = 0; first < Count; first += _model.Head.MaxRows)
        {
            int rows = Math.Min(_model.Head.MaxRows, Count - first);
            Span<long> wanted = _model.Head.Targets(topK: 1, perBranch);
            for (int i = 0; i < rows * perBranch; i++)
            {
                wanted[i] = targets[(first * perBranch) + i];
            }

            for (int row = 0; row < rows; row++)
            {
                _model.Head.Stage(row, Final, first + row);
            }

            HeadReadouts readouts = _model.Head.Decode(rows, groups: 1, finalOfGroup: 0, cancellation);
            for (int i = 0; i < rows * perBranch; i++)
            {
                float logSumExp = readouts.LogSumExp[i / perBranch];
                logits[(first * perBranch) + i] = float.IsFinite(logSumExp) ? readouts.TargetLogProbs[i] + logSumExp : float.NaN;
            }
        }

        return logits;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Final.Dispose();
        Captures.Free();
    }

    /// <summary>Takes the counts and the captured rows of a run that was made.</summary>
    /// <param name="feed">What was fed in it.</param>
    /// <param name="shape">The run.</param>
    /// <param name="branch">The only branch that it ran; null where it ran all.</param>
    internal void Add(SteeringFeed feed, RunShape shape, int? branch)
    {
        for (int row = 0; row < shape.Batch; row++)
        {
            for (int i = shape.Recomputed; i < shape.Length; i++)
            {
                SteeringApplied += feed.Fed(row, i);
            }
        }

        IEnumerable<int> rows = Enumerable.Range(0, _shape.Batch);
        Captures.Add(new CaptureSegment(
            Captures.NextRow, branch, shape.NewLength, [.. new int[_shape.Batch]], [.. rows.Select(row => branch is null || branch == row ? _shape.NewCountOf(row) : 0)]));
    }

    /// <summary>Fails unless every operation was fed.</summary>
    /// <exception cref="InferenceException">One was not.</exception>
    internal void RequireSteeringApplied()
    {
        if (SteeringApplied != SteeringAsked)
        {
            throw new InferenceException($"{SteeringApplied} steering operations were fed where {SteeringAsked} were asked for. This is a bug in the steering feed.", "(steering)");
        }
    }
}
