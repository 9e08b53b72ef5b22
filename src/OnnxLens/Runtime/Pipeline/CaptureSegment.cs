using System.Collections.Immutable;

namespace OnnxLens.Runtime.Pipeline;

/// <summary>Where one run of the pipeline left its rows in a capture buffer.</summary>
/// <param name="FirstRow">The first row filled.</param>
/// <param name="Sequence">The only sequence that was run, or null for all.</param>
/// <param name="Stride">Positions per sequence in the run, S, padding counted.</param>
/// <param name="Starts">Per sequence, the position of its first row.</param>
/// <param name="Counts">Per sequence, how many of the S rows are real; the rest is padding. 0 for one that was not run.</param>
internal sealed record CaptureSegment(long FirstRow, int? Sequence, int Stride, ImmutableArray<int> Starts, ImmutableArray<int> Counts)
{
    /// <summary>Rows filled, padding counted.</summary>
    public long RowCount => Sequence is null ? (long)Counts.Length * Stride : Stride;

    /// <summary>Offset of a sequence's first row.</summary>
    public long RowOffset(int sequence) => Sequence is null ? (long)sequence * Stride : 0;
}
