using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Pipeline;

namespace OnnxLens.Runtime;

/// <summary>
/// The captured activations of one run. Every hook point has its own block of rows of H, on the device of its shard;
/// the graphs write into it in place, prefill and decode alike. Belongs to its run, and goes with it.
/// </summary>
/// <remarks>
/// A run of S positions over B rows fills B·S consecutive rows of each block, [B,S,H]. The runs so far are kept as
/// segments, from which the row of (sequence, position) is found; for one sequence that row is its position.
/// <c>resid_pre.i</c> for i &gt; 0 is read from <c>resid_post.(i−1)</c>, which it equals by definition.
/// </remarks>
public sealed class CaptureBuffer
{
    private readonly Dictionary<HookPoint, DeviceBuffer> _blocks = [];
    private readonly List<CaptureSegment> _segments = [];
    private readonly int _hiddenSize;
    private readonly DevicePool? _pool;
    private readonly Lock _gate = new();
    private int _released;
    private bool _freed;

    internal CaptureBuffer(
        ImmutableArray<HookPoint> points, ElementType type, int hiddenSize, int batch, long rows, Func<int, Device> deviceOfLayer, DevicePool? pool = null)
    {
        _pool = pool;
        Points = points;
        Batch = batch;
        Rows = rows;
        _hiddenSize = hiddenSize;
        try
        {
            foreach (HookPoint stored in points.Select(Stored).Distinct())
            {
                Device device = deviceOfLayer(stored.Layer);
                long elements = checked(rows * hiddenSize);
                _blocks.Add(stored, pool?.Rent(device, type, elements) ?? new DeviceBuffer(device, type, elements));
            }
        }
        catch
        {
            Free();
            throw;
        }
    }

    /// <summary>What is captured.</summary>
    public ImmutableArray<HookPoint> Points { get; }

    /// <summary>Sequences, B.</summary>
    public int Batch { get; }

    /// <summary>Rows of H that each hook point has room for.</summary>
    public long Rows { get; }

    /// <summary>Bytes of all hook points together. Memory of rows that are never written is not committed on the CPU.</summary>
    public long Bytes => _blocks.Values.Sum(block => block.Bytes);

    /// <summary>The first position held: 0, or where there is a window, the one behind those that were released.</summary>
    public int First => _released;

    /// <summary>Number of positions held of a sequence; they are those from <see cref="First"/> on.</summary>
    public int Length(int sequence = 0) => _segments.Sum(segment => segment.Counts[sequence]);

    /// <summary>The hook point under which a value is stored: <c>resid_pre.i</c> is <c>resid_post.(i−1)</c> for i &gt; 0.</summary>
    public static HookPoint Stored(HookPoint point) =>
        point is { Site: Site.ResidPre, Layer: > 0 } ? new HookPoint(Site.ResidPost, point.Layer - 1) : point;

    /// <summary>Copies one row, widened to single precision.</summary>
    /// <param name="point">A captured hook point.</param>
    /// <param name="sequence">The sequence in the batch.</param>
    /// <param name="position">A captured position.</param>
    /// <param name="destination">H values.</param>
    public void Read(HookPoint point, int sequence, int position, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, _hiddenSize, nameof(destination));
        lock (_gate)
        {
            Block(point).ReadSingles(RowOf(sequence, position) * _hiddenSize, destination);
        }
    }

    /// <summary>Frees the memory. Called by the run that owns it, when no session writes into it.</summary>
    internal void Free()
    {
        lock (_gate)
        {
            if (_freed)
            {
                return;
            }

            _freed = true;
            foreach (DeviceBuffer block in _blocks.Values)
            {
                if (_pool is null)
                {
                    block.Dispose();
                }
                else
                {
                    _pool.Return(block);
                }
            }
        }
    }

    internal bool Holds(HookPoint point) => _blocks.ContainsKey(Stored(point));

    /// <summary>Rows that the next run will fill start here.</summary>
    internal long NextRow => _segments.Count == 0 ? 0 : _segments[^1].FirstRow + _segments[^1].RowCount;

    /// <summary>Copies rows to where a run would have written them.</summary>
    /// <param name="stored">A stored hook point.</param>
    /// <param name="offset">The first row, counted from <see cref="NextRow"/>.</param>
    /// <param name="source">A buffer of the same type.</param>
    /// <param name="sourceRow">Its first row.</param>
    /// <param name="rows">How many.</param>
    internal void Put(HookPoint stored, long offset, DeviceBuffer source, long sourceRow, long rows)
    {
        ObjectDisposedException.ThrowIf(_freed, this);
        source.CopyTo(sourceRow * _hiddenSize, _blocks[stored], (NextRow + offset) * _hiddenSize, rows * _hiddenSize);
    }

    /// <summary>Records a run over all rows of the batch, or over one. Runs of a single sequence lie one behind the other and become one segment.</summary>
    internal void Add(CaptureSegment segment)
    {
        if (Batch == 1 && _segments.Count == 1)
        {
            int length = Length() + segment.Counts[0];
            _segments[0] = new CaptureSegment(0, null, length, [_released], [length]);
            return;
        }

        _segments.Add(segment);
    }

    /// <summary>Forgets the positions of the only sequence from <paramref name="length"/> on.</summary>
    internal void Rewind(int length)
    {
        if (length <= _released)
        {
            _segments.Clear();
            _released = length;
        }
        else if (_segments.Count > 0)
        {
            int held = length - _released;
            _segments[0] = new CaptureSegment(0, null, held, [_released], [held]);
        }
    }

    /// <summary>Forgets what is held of the only sequence, so that the next run writes where it lay.</summary>
    internal void Release()
    {
        _released += Length();
        _segments.Clear();
    }

    /// <summary>Copies one row into another buffer of the same type, unchanged, when the copies are flushed.</summary>
    internal void CopyRow(HookPoint point, int sequence, int position, DeviceBuffer target, long targetRow, DeviceCopies copies)
    {
        lock (_gate)
        {
            copies.Add(Block(point), RowOf(sequence, position) * _hiddenSize, target, targetRow * _hiddenSize, _hiddenSize);
        }
    }

    /// <summary>The memory of a hook point, and the row of it that the next run fills first.</summary>
    internal (DeviceBuffer Buffer, long FirstRow) NextBlock(HookPoint stored)
    {
        ObjectDisposedException.ThrowIf(_freed, this);
        return (_blocks[stored], NextRow);
    }

    private DeviceBuffer Block(HookPoint point)
    {
        ObjectDisposedException.ThrowIf(_freed, this);
        return _blocks.TryGetValue(Stored(point), out DeviceBuffer? block)
            ? block
            : throw new SelectionException($"Hook point '{point}' was not captured in this run.");
    }

    private long RowOf(int sequence, int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sequence, (uint)Batch, nameof(sequence));
        foreach (CaptureSegment segment in _segments)
        {
            int index = position - segment.Starts[sequence];
            if (index >= 0 && index < segment.Counts[sequence])
            {
                return segment.FirstRow + segment.RowOffset(sequence) + index;
            }
        }

        throw new SelectionException(
            position < _released
                ? $"Position {position} is no longer held: the window of captures begins at {_released}."
                : $"Position {position} of sequence {sequence} was not run: {_released + Length(sequence)} positions were.");
    }
}
