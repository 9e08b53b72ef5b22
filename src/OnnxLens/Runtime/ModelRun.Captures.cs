using System.Collections.Immutable;
using OnnxLens.Runtime.Pipeline;

namespace OnnxLens.Runtime;

/// <content>Where a run writes its captures, and how long they are held.</content>
public sealed partial class ModelRun
{
    /// <summary>Where each value lies that a run writes, as ONNX Runtime has it bound: residuals, captures, keys and values.</summary>
    public ImmutableArray<BoundValue> BoundOutputs()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return [.. _lanes.SelectMany(lane => lane.BoundOutputs())];
        }
    }

    /// <summary>Has the captures taken and releases them where those of a run would not fit.</summary>
    private void MakeRoom(RunShape shape, ReadOnlySpan<int> tokens)
    {
        if (Hooks.Window is not { } window || Captures.NextRow + shape.NewLength <= Captures.Rows)
        {
            return;
        }

        if (shape.NewLength > Captures.Rows)
        {
            throw new SelectionException(
                $"{shape.NewLength} positions must be run at once by this model, and the window of captures has room for {Captures.Rows}. Make it longer.");
        }

        window.Full(this, tokens[shape.Recomputed]);
        Captures.Release();
    }

    private CaptureSegment Segment(RunShape shape, int? sequence)
    {
        if (sequence is not int only)
        {
            IEnumerable<int> rows = Enumerable.Range(0, shape.Batch);
            return new CaptureSegment(Captures.NextRow, null, shape.NewLength, [.. rows.Select(shape.FirstNewOf)], [.. rows.Select(shape.NewCountOf)]);
        }

        int[] starts = new int[Batch];
        int[] counts = new int[Batch];
        starts[only] = shape.FirstNewOf(0);
        counts[only] = shape.NewCountOf(0);
        return new CaptureSegment(Captures.NextRow, only, shape.NewLength, [.. starts], [.. counts]);
    }
}
