using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>
/// Turns the vectors of a hook spec into what the steering inputs of the graphs are fed at each step, and counts the additions.
/// Owns the memory of the feeds.
/// </summary>
/// <remarks>A feed is T [1,S,H] where every row of the batch is at the same positions, else [B,S,H]; a step that steers nothing at a hook point is fed zero [1,1,1].</remarks>
internal sealed class SteeringFeed : IDisposable
{
    private readonly ImmutableArray<SteeringAdd> _adds;
    private readonly ElementType _type;
    private readonly int _hiddenSize;
    private readonly Func<int, Device> _deviceOfLayer;
    private readonly Dictionary<HookPoint, DeviceBuffer> _buffers = [];
    private readonly DeviceBuffer _zero;
    private readonly float[] _row;

    public SteeringFeed(ImmutableArray<SteeringAdd> adds, ModelFacts facts, ElementType type, Func<int, Device> deviceOfLayer)
    {
        _adds = adds;
        _type = type;
        _hiddenSize = facts.HiddenSize;
        _deviceOfLayer = deviceOfLayer;
        _row = new float[facts.HiddenSize];
        _zero = new DeviceBuffer(Device.Cpu, type, 1);
        Points = [.. adds.Select(add => add.Point).Distinct()];
    }

    /// <summary>Where something is added at some position.</summary>
    public ImmutableArray<HookPoint> Points { get; }

    /// <summary>Additions to rows of runs so far: one for each (vector, row, position).</summary>
    public long Applied { get; private set; }

    /// <summary>What a hook point's steering input is fed in the next run. The caller disposes it after the run, before the next call.</summary>
    public OrtValue Feed(HookPoint point, RunShape shape)
    {
        bool shared = shape.SameStart;
        int rows = shared ? 1 : shape.Batch;
        if (!AnyCovered(point, shape))
        {
            return _zero.Slice(0, 1, 1, 1);
        }

        DeviceBuffer buffer = Buffer(point, (long)rows * shape.Length * _hiddenSize);
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < shape.Length; i++)
            {
                Sum(point, shape.Starts[row] + i);
                buffer.WriteSingles(((row * (long)shape.Length) + i) * _hiddenSize, _row);
            }
        }

        return buffer.Slice(0, rows, shape.Length, _hiddenSize);
    }

    /// <summary>Counts the additions of a run that was made.</summary>
    public void Count(RunShape shape)
    {
        foreach (SteeringAdd add in _adds)
        {
            for (int row = 0; row < shape.Batch; row++)
            {
                for (int i = 0; i < shape.Counts[row]; i++)
                {
                    Applied += add.Covers(shape.Starts[row] + i) ? 1 : 0;
                }
            }
        }
    }

    /// <summary>How many additions a whole run must have made, when each row was run to the given length.</summary>
    /// <remarks>A position that was named and not run counts as asked for, and so as missing.</remarks>
    public long Asked(ReadOnlySpan<int> lengths)
    {
        long asked = 0;
        foreach (SteeringAdd add in _adds)
        {
            foreach (int length in lengths)
            {
                asked += add.Positions.IsDefault ? length : add.Positions.Distinct().Count();
            }
        }

        return asked;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _zero.Dispose();
        foreach (DeviceBuffer buffer in _buffers.Values)
        {
            buffer.Dispose();
        }
    }

    private bool AnyCovered(HookPoint point, RunShape shape)
    {
        foreach (SteeringAdd add in _adds)
        {
            for (int row = 0; add.Point == point && row < shape.Batch; row++)
            {
                for (int i = 0; i < shape.Counts[row]; i++)
                {
                    if (add.Covers(shape.Starts[row] + i))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private void Sum(HookPoint point, int position)
    {
        Array.Clear(_row);
        foreach (SteeringAdd add in _adds)
        {
            if (add.Point == point && add.Covers(position))
            {
                System.Numerics.Tensors.TensorPrimitives.Add(_row, add.Vector.AsSpan(), _row);
            }
        }
    }

    private DeviceBuffer Buffer(HookPoint point, long elements)
    {
        if (!_buffers.TryGetValue(point, out DeviceBuffer? buffer) || buffer.Elements < elements)
        {
            buffer?.Dispose();
            _buffers[point] = buffer = new DeviceBuffer(_deviceOfLayer(point.Layer), _type, elements);
        }

        return buffer;
    }
}
