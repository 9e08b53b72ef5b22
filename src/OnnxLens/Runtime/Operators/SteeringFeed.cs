using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Native;
using OnnxLens.Runtime.Pipeline;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Operators;

/// <summary>
/// Turns operations into what the steering inputs of the graphs are fed in each run, and counts what it feeds.
/// Owns the memory of the feeds.
/// </summary>
/// <remarks>
/// A feed is [B,S,H], or [1,1,H] where every token of the run is steered alike; an input that nothing reaches in a run is fed zero
/// [1,1,1]. The count is taken where a row's values are written, not from the operations, so that it can be held against them.
/// </remarks>
internal sealed class SteeringFeed : IDisposable
{
    private readonly ImmutableArray<SteeringOperation> _operations;
    private readonly ImmutableArray<PointOperations> _points;
    private readonly ElementType _type;
    private readonly int _hiddenSize;
    private readonly Func<int, Device> _deviceOfLayer;
    private readonly Dictionary<ShardSession, ImmutableArray<Feed>> _feeds = [];
    private readonly Dictionary<string, DeviceBuffer> _buffers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DeviceBuffer Values, int Fed)> _constant = new(StringComparer.Ordinal);
    private readonly DeviceBuffer _zero;
    private readonly DeviceBuffer _zeroSingle;
    private readonly AblationBases _bases;
    private readonly float[] _row;
    private readonly float[] _flag = new float[1];
    private bool[] _covered = [];
    private int[] _fed = [];
    private RunShape _shape = new(0, [], []);
    private int _rows;
    private int _length;
    private bool _alike;

    public SteeringFeed(ImmutableArray<SteeringOperation> operations, ModelFacts facts, ElementType type, Func<int, Device> deviceOfLayer)
    {
        _operations = operations;
        _points = [.. Enumerable.Range(0, operations.Length).GroupBy(i => operations[i].Point).Select(group => PointOperations.Of(group.Key, [.. group], operations))];
        _type = type;
        _hiddenSize = facts.HiddenSize;
        _deviceOfLayer = deviceOfLayer;
        _row = new float[facts.HiddenSize];
        _bases = new AblationBases(operations);
        _zero = new DeviceBuffer(Device.Cpu, type, 1);
        _zeroSingle = new DeviceBuffer(Device.Cpu, ElementType.Float, 1);
    }

    /// <summary>Operations that were fed at the i-th token of a row in the run prepared last.</summary>
    public int Fed(int row, int index) => _fed[(row * _shape.Length) + index];

    /// <summary>Works out which tokens of a run each operation reaches.</summary>
    /// <param name="tokens">Ids, [B,S].</param>
    /// <param name="shape">The run.</param>
    /// <param name="sequence">The sequence that the only row belongs to, or null where row and sequence are one.</param>
    /// <param name="promptLengths">By sequence.</param>
    public void PrepareSequences(ReadOnlySpan<int> tokens, RunShape shape, int? sequence, ReadOnlySpan<int> promptLengths)
    {
        if (_operations.All(operation => operation.Sequences.IsDefault && operation.Positions.IsAll))
        {
            Prepare(shape, 1, 1);
            _alike = true;
            _covered.AsSpan(0, _operations.Length).Fill(true);
            return;
        }

        Prepare(shape, shape.Batch, shape.Length);
        for (int operation = 0; operation < _operations.Length; operation++)
        {
            SteeringOperation steer = _operations[operation];
            for (int row = 0; row < _rows; row++)
            {
                int of = sequence ?? row;
                if (!steer.Sequences.IsDefault && !steer.Sequences.Contains(of))
                {
                    continue;
                }

                for (int i = 0; i < shape.Counts[row]; i++)
                {
                    _covered[Cell(operation, row, i)] = steer.Positions.Covers(shape.PositionOf(row, i), tokens[(row * shape.Length) + i], promptLengths[of]);
                }
            }
        }
    }

    /// <summary>Gives each operation to one branch, which is a token of the only row, or a row of one token.</summary>
    /// <param name="branches">The branch of each operation.</param>
    /// <param name="shape">The run.</param>
    public void PrepareBranches(ReadOnlySpan<int> branches, RunShape shape)
    {
        Prepare(shape, shape.Batch, shape.Length);
        for (int operation = 0; operation < _operations.Length; operation++)
        {
            int branch = branches[operation];
            _covered[shape.Branches ? Cell(operation, 0, branch) : Cell(operation, branch, shape.Recomputed)] = true;
        }
    }

    /// <summary>Binds what the inputs of a shard are fed in the run prepared last. It stays bound until the next run is prepared.</summary>
    public void Bind(OrtIoBinding binding, ShardSession shard)
    {
        if (!_feeds.TryGetValue(shard, out ImmutableArray<Feed> feeds))
        {
            feeds = [.. _points.Where(operations => shard.Holds(operations.Point)).SelectMany(operations => FeedsOf(operations, shard))];
            _feeds.Add(shard, feeds);
        }

        foreach (Feed feed in feeds)
        {
            Bind(binding, feed);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _zero.Dispose();
        _zeroSingle.Dispose();
        foreach (DeviceBuffer buffer in _buffers.Values.Concat(_constant.Values.Select(constant => constant.Values)))
        {
            buffer.Dispose();
        }
    }

    /// <param name="shape">The run.</param>
    /// <param name="rows">Rows of the feeds, B or 1 for all.</param>
    /// <param name="length">Tokens of each, S or 1 for all.</param>
    private void Prepare(RunShape shape, int rows, int length)
    {
        _shape = shape;
        _rows = rows;
        _length = length;
        _alike = false;
        Clear(ref _covered, _operations.Length * rows * length);
        Clear(ref _fed, shape.Batch * shape.Length);
    }

    private int Cell(int operation, int row, int index) => (((operation * _rows) + row) * _length) + index;

    /// <summary>Writes the values of a token.</summary>
    /// <returns>How many operations are in them.</returns>
    private delegate int WriteToken(int row, int index, Span<float> values);

    private IEnumerable<Feed> FeedsOf(PointOperations operations, ShardSession shard)
    {
        HookPoint point = operations.Point;
        string steer = shard.SteerPort(point);
        yield return Sums(steer, point.Layer, operations.Added, _type);
        if (!shard.Operators.TryGetValue(point, out OperatorNeeds nodes))
        {
            yield break;
        }

        if (nodes.Relative)
        {
            yield return Sums(OperatorPorts.Relative(steer), point.Layer, operations.AddedByNorm, ElementType.Float);
        }

        for (int k = 0; k < nodes.Ablations; k++)
        {
            yield return Directions(OperatorPorts.Ablate(steer, k), point.Layer, operations.Ablated, k);
        }

        if (nodes.KeepsNorm)
        {
            yield return Flags(OperatorPorts.KeepNorm(steer), point.Layer, operations.KeepingNorm);
        }
    }

    /// <summary>Sums of the vectors that are added at each token, [rows,S,H].</summary>
    private Feed Sums(string port, int layer, int[] added, ElementType type) => new(port, layer, added, type, _hiddenSize, (row, i, values) =>
    {
        int fed = 0;
        foreach (int operation in added)
        {
            if (_covered[Cell(operation, row, i)])
            {
                TensorPrimitives.Add(values, _operations[operation].Vector.AsSpan(), values);
                fed++;
            }
        }

        return fed;
    });

    /// <summary>The k-th direction that is taken out at each token, [rows,S,H].</summary>
    private Feed Directions(string port, int layer, int[] ablated, int k) => new(port, layer, ablated, ElementType.Float, _hiddenSize, (row, i, values) =>
    {
        int[] here = [.. ablated.Where(operation => _covered[Cell(operation, row, i)])];
        if (k >= here.Length)
        {
            return 0;
        }

        _bases.Direction(here, k).CopyTo(values);
        return 1;
    });

    /// <summary>1 where a token keeps its norm, [rows,S,1].</summary>
    private Feed Flags(string port, int layer, int[] keeping) => new(port, layer, keeping, ElementType.Float, 1, (row, i, values) =>
    {
        values[0] = Array.Exists(keeping, operation => _covered[Cell(operation, row, i)]) ? 1 : 0;
        return 0;
    });

    private void Bind(OrtIoBinding binding, Feed feed)
    {
        if (!Reaches(feed.Operations))
        {
            (feed.Type == ElementType.Float ? _zeroSingle : _zero).Bind(binding, PortDirection.Input, feed.Port, 0, [1, 1, 1]);
            return;
        }

        Span<float> values = feed.Width == 1 ? _flag : _row;
        if (_alike)
        {
            Constant(feed, values).Bind(binding, PortDirection.Input, feed.Port, 0, [1, 1, feed.Width]);
            return;
        }

        DeviceBuffer buffer = Buffer(feed.Port, feed.Type, (long)_rows * _length * feed.Width);
        for (int row = 0; row < _rows; row++)
        {
            for (int i = 0; i < _length; i++)
            {
                values.Clear();
                _fed[(row * _shape.Length) + i] += feed.Write(row, i, values);
                buffer.WriteSingles(((row * (long)_length) + i) * feed.Width, values);
            }
        }

        buffer.Bind(binding, PortDirection.Input, feed.Port, 0, [_rows, _length, feed.Width]);
    }

    /// <summary>True where one of the operations reaches a token of the run.</summary>
    private bool Reaches(int[] operations)
    {
        foreach (int operation in operations)
        {
            if (_covered.AsSpan(Cell(operation, 0, 0), _rows * _length).Contains(true))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What every token of every run is fed alike is written once, and stays on its device.</summary>
    private DeviceBuffer Constant(Feed feed, Span<float> values)
    {
        if (!_constant.TryGetValue(feed.Port, out (DeviceBuffer Values, int Fed) constant))
        {
            values.Clear();
            int fed = feed.Write(0, 0, values);
            DeviceBuffer host = Buffer(feed.Port, feed.Type, values.Length);
            host.WriteSingles(0, values);
            constant = (new DeviceBuffer(_deviceOfLayer(feed.Layer), feed.Type, values.Length), fed);
            _constant.Add(feed.Port, constant);
            host.CopyTo(0, constant.Values, 0, values.Length);
        }

        foreach (ref int fed in _fed.AsSpan(0, _shape.Batch * _shape.Length))
        {
            fed += constant.Fed;
        }

        return constant.Values;
    }

    /// <summary>Memory on the host: what differs from run to run is brought to its device when it is bound.</summary>
    private DeviceBuffer Buffer(string port, ElementType type, long elements)
    {
        if (!_buffers.TryGetValue(port, out DeviceBuffer? buffer) || buffer.Elements < elements)
        {
            long room = Math.Max(elements, 2 * (buffer?.Elements ?? 0));
            buffer?.Dispose();
            _buffers.Remove(port); // Should there be no room for more.
            _buffers[port] = buffer = new DeviceBuffer(Device.Cpu, type, room);
        }

        return buffer;
    }

    private static void Clear<T>(ref T[] values, int count)
    {
        if (values.Length < count)
        {
            values = new T[Math.Max(count, 2 * values.Length)]; // Where a step runs the whole sequence again, each is longer than the one before.
        }
        else
        {
            Array.Clear(values, 0, count);
        }
    }

    /// <summary>One input of a shard.</summary>
    /// <param name="Port">Its name.</param>
    /// <param name="Layer">The layer it is for.</param>
    /// <param name="Operations">The operations that its values are made of.</param>
    /// <param name="Type">Its element type.</param>
    /// <param name="Width">Values of a token.</param>
    /// <param name="Write">Writes them.</param>
    private sealed record Feed(string Port, int Layer, int[] Operations, ElementType Type, int Width, WriteToken Write);
}
