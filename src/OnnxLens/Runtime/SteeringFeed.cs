using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>
/// Turns operations into what the steering inputs of the graphs are fed in each run, and counts what it feeds.
/// Owns the memory of the feeds.
/// </summary>
/// <remarks>
/// A feed is [B,S,H], or [1,S,H] where every row of the batch is steered alike; an input that nothing reaches in a run is fed zero
/// [1,1,1]. The count is taken where a row's values are written, not from the operations, so that it can be held against them.
/// </remarks>
internal sealed class SteeringFeed : IDisposable
{
    private readonly ImmutableArray<SteeringOperation> _operations;
    private readonly ILookup<HookPoint, int> _byPoint;
    private readonly ElementType _type;
    private readonly int _hiddenSize;
    private readonly Func<int, Device> _deviceOfLayer;
    private readonly Dictionary<string, DeviceBuffer> _buffers = new(StringComparer.Ordinal);
    private readonly DeviceBuffer _zero;
    private readonly DeviceBuffer _zeroSingle;
    private readonly AblationBases _bases;
    private readonly float[] _row;
    private readonly float[] _flag = new float[1];
    private bool[] _covered = [];
    private int[] _fed = [];
    private int _rows;
    private int _length;
    private int _batch;

    public SteeringFeed(ImmutableArray<SteeringOperation> operations, ModelFacts facts, ElementType type, Func<int, Device> deviceOfLayer)
    {
        _operations = operations;
        _byPoint = Enumerable.Range(0, operations.Length).ToLookup(i => operations[i].Point);
        _type = type;
        _hiddenSize = facts.HiddenSize;
        _deviceOfLayer = deviceOfLayer;
        _row = new float[facts.HiddenSize];
        _bases = new AblationBases(operations);
        _zero = new DeviceBuffer(Device.Cpu, type, 1);
        _zeroSingle = new DeviceBuffer(Device.Cpu, ElementType.Float, 1);
    }

    /// <summary>Operations that were fed at the i-th token of a row in the run prepared last.</summary>
    public int Fed(int row, int index) => _fed[(row * _length) + index];

    /// <summary>Works out which tokens of a run each operation reaches.</summary>
    /// <param name="tokens">Ids, [B,S].</param>
    /// <param name="shape">The run.</param>
    /// <param name="sequence">The sequence that the only row belongs to, or null where row and sequence are one.</param>
    /// <param name="promptLengths">By sequence.</param>
    public void PrepareSequences(ReadOnlySpan<int> tokens, RunShape shape, int? sequence, ReadOnlySpan<int> promptLengths)
    {
        bool alike = shape.SameStart && _operations.All(operation => operation.Sequences.IsDefault && operation.Positions.IsAll);
        Prepare(shape, alike ? 1 : shape.Batch);
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

                int count = alike ? shape.Length : shape.Counts[row];
                for (int i = 0; i < count; i++)
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
        Prepare(shape, shape.Batch);
        for (int operation = 0; operation < _operations.Length; operation++)
        {
            int branch = branches[operation];
            _covered[shape.Branches ? Cell(operation, 0, branch) : Cell(operation, branch, 0)] = true;
        }
    }

    /// <summary>What the inputs of a shard are fed in the run prepared last. The caller disposes each after the run, before the next is prepared.</summary>
    public IEnumerable<(string Port, OrtValue Value)> Feeds(ShardSession shard)
    {
        foreach (IGrouping<HookPoint, int> point in _byPoint)
        {
            if (!shard.Holds(point.Key))
            {
                continue;
            }

            string steer = shard.SteerPort(point.Key);
            int[] operations = [.. point];
            yield return (steer, Sums(steer, point.Key.Layer, operations, SteeringUnit.Raw, _type));
            if (!shard.Operators.TryGetValue(point.Key, out OperatorNeeds nodes))
            {
                continue;
            }

            if (nodes.Relative)
            {
                yield return (OperatorPorts.Relative(steer), Sums(OperatorPorts.Relative(steer), point.Key.Layer, operations, SteeringUnit.ActivationNorm, ElementType.Float));
            }

            for (int k = 0; k < nodes.Ablations; k++)
            {
                yield return (OperatorPorts.Ablate(steer, k), Directions(OperatorPorts.Ablate(steer, k), point.Key.Layer, operations, k));
            }

            if (nodes.KeepsNorm)
            {
                yield return (OperatorPorts.KeepNorm(steer), Flags(OperatorPorts.KeepNorm(steer), point.Key.Layer, operations));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _zero.Dispose();
        _zeroSingle.Dispose();
        foreach (DeviceBuffer buffer in _buffers.Values)
        {
            buffer.Dispose();
        }
    }

    private void Prepare(RunShape shape, int rows)
    {
        _rows = rows;
        _length = shape.Length;
        _batch = shape.Batch;
        Clear(ref _covered, _operations.Length * rows * _length);
        Clear(ref _fed, _batch * _length);
    }

    private int Cell(int operation, int row, int index) => (((operation * _rows) + row) * _length) + index;

    /// <summary>Sums of the vectors that are added at each token, [rows,S,H].</summary>
    private OrtValue Sums(string port, int layer, int[] operations, SteeringUnit unit, ElementType type)
    {
        int[] adding = [.. operations.Where(i => _operations[i].Operator != SteeringOperator.Ablate && _operations[i].Unit == unit)];
        return Fill(port, layer, adding, type, _hiddenSize, (row, i, values) =>
        {
            foreach (int operation in adding)
            {
                if (_covered[Cell(operation, row, i)])
                {
                    TensorPrimitives.Add(values, _operations[operation].Vector.AsSpan(), values);
                    Count(row, i, 1);
                }
            }
        });
    }

    /// <summary>The k-th direction that is taken out at each token, [rows,S,H].</summary>
    private OrtValue Directions(string port, int layer, int[] operations, int k)
    {
        int[] ablating = [.. operations.Where(i => _operations[i].Operator == SteeringOperator.Ablate)];
        return Fill(port, layer, ablating, ElementType.Float, _hiddenSize, (row, i, values) =>
        {
            int[] here = [.. ablating.Where(operation => _covered[Cell(operation, row, i)])];
            if (k < here.Length)
            {
                _bases.Direction(here, k).CopyTo(values);
                Count(row, i, 1);
            }
        });
    }

    /// <summary>1 where a token keeps its norm, [rows,S,1].</summary>
    private OrtValue Flags(string port, int layer, int[] operations)
    {
        int[] keeping = [.. operations.Where(i => _operations[i].Operator == SteeringOperator.AddKeepingNorm)];
        return Fill(port, layer, keeping, ElementType.Float, 1, (row, i, values) =>
            values[0] = Array.Exists(keeping, operation => _covered[Cell(operation, row, i)]) ? 1 : 0);
    }

    private delegate void WriteToken(int row, int index, Span<float> values);

    private OrtValue Fill(string port, int layer, int[] operations, ElementType type, int width, WriteToken write)
    {
        if (!Array.Exists(operations, operation => _covered.AsSpan(Cell(operation, 0, 0), _rows * _length).Contains(true)))
        {
            return (type == ElementType.Float ? _zeroSingle : _zero).Slice(0, 1, 1, 1);
        }

        DeviceBuffer buffer = Buffer(port, layer, type, (long)_rows * _length * width);
        Span<float> values = width == 1 ? _flag : _row;
        for (int row = 0; row < _rows; row++)
        {
            for (int i = 0; i < _length; i++)
            {
                values.Clear();
                write(row, i, values);
                buffer.WriteSingles(((row * (long)_length) + i) * width, values);
            }
        }

        return buffer.Slice(0, _rows, _length, width);
    }

    /// <summary>Notes what a token was fed; a row that is fed to all is so to each.</summary>
    private void Count(int row, int index, int operations)
    {
        for (int of = row; of < (_rows == 1 ? _batch : row + 1); of++)
        {
            _fed[(of * _length) + index] += operations;
        }
    }

    private DeviceBuffer Buffer(string port, int layer, ElementType type, long elements)
    {
        if (!_buffers.TryGetValue(port, out DeviceBuffer? buffer) || buffer.Elements < elements)
        {
            buffer?.Dispose();
            _buffers[port] = buffer = new DeviceBuffer(_deviceOfLayer(layer), type, elements);
        }

        return buffer;
    }

    private static void Clear<T>(ref T[] values, int count)
    {
        if (values.Length < count)
        {
            values = new T[count];
        }
        else
        {
            Array.Clear(values);
        }
    }
}
