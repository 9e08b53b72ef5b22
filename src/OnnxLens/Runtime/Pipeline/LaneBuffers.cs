using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Pipeline;

/// <summary>The inputs of a lane, and what goes from shard to shard. Owns the memory and the tensors over it.</summary>
internal sealed class LaneBuffers : IDisposable
{
    private readonly int _batch;
    private readonly int _hiddenSize;
    private readonly ElementType _type;
    private readonly ImmutableArray<(Device Device, int Carried)> _shards;
    private readonly PortTypes _ports;
    private readonly DeviceBuffer _seqLensK = null!;
    private readonly DeviceBuffer _totalLength = null!;
    private readonly DeviceBuffer _writeIndices = null!;
    private readonly DeviceBuffer _validLengths = null!;
    private readonly long[] _numbersOfRows;
    private long[] _numbers = [];
    private DeviceBuffer? _ids;
    private DeviceBuffer? _positions;
    private DeviceBuffer? _mask;
    private DeviceBuffer?[] _hidden = [];
    private DeviceBuffer?[][] _carried = [];

    /// <param name="shards">The device of each shard, and how many values it is handed beside the residual stream.</param>
    /// <param name="ports">Element types of the inputs.</param>
    /// <param name="type">Element type of the residual stream.</param>
    /// <param name="batch">Rows, B.</param>
    /// <param name="hiddenSize">H.</param>
    public LaneBuffers(ImmutableArray<(Device Device, int Carried)> shards, PortTypes ports, ElementType type, int batch, int hiddenSize)
    {
        _shards = shards;
        _ports = ports;
        _type = type;
        _batch = batch;
        _hiddenSize = hiddenSize;
        _numbersOfRows = new long[batch];
        try
        {
            _seqLensK = new DeviceBuffer(Device.Cpu, ElementType.Int32, batch);
            _totalLength = new DeviceBuffer(Device.Cpu, ElementType.Int32, 1);
            _writeIndices = new DeviceBuffer(Device.Cpu, ports.WriteIndices, batch);
            _validLengths = new DeviceBuffer(Device.Cpu, ports.ValidLengths, batch);
            SeqLensK = _seqLensK.Slice(0, batch);
            TotalLength = _totalLength.Slice(0);
            WriteIndices = _writeIndices.Slice(0, batch);
            ValidLengths = _validLengths.Slice(0, batch);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>int32 [B]: total length − 1 of each row.</summary>
    public OrtValue SeqLensK { get; } = null!;

    /// <summary>int32 scalar: the largest total length.</summary>
    public OrtValue TotalLength { get; } = null!;

    /// <summary>[B]: the first entry of the cache that each row writes.</summary>
    public OrtValue WriteIndices { get; } = null!;

    /// <summary>[B]: total length of each row.</summary>
    public OrtValue ValidLengths { get; } = null!;

    /// <summary>[B,S].</summary>
    public OrtValue Ids { get; private set; } = null!;

    /// <summary>[B,S].</summary>
    public OrtValue Positions { get; private set; } = null!;

    /// <summary>Per shard, T [B,S,H]: its last residual, where that is not written into a capture.</summary>
    public ImmutableArray<OrtValue> Hidden { get; private set; } = [];

    /// <summary>Per shard, T [B,S,H] each, on the device of the one before: what it is handed beside the residual stream.</summary>
    public ImmutableArray<ImmutableArray<OrtValue>> Carried { get; private set; } = [];

    /// <summary>Makes tensors of S positions; memory is kept while it suffices, and then doubled, as runs that grow do so step by step.</summary>
    public void Resize(int length)
    {
        DisposeTensors();
        long tokens = (long)_batch * length;
        if (_ids is null || _ids.Elements < tokens)
        {
            Allocate(Math.Max(tokens, 2 * (_ids?.Elements ?? 0)));
        }

        Ids = _ids!.Slice(0, _batch, length);
        Positions = _positions!.Slice(0, _batch, length);
        Hidden = [.. _hidden.Select(buffer => buffer!.Slice(0, _batch, length, _hiddenSize))];
        Carried = [.. _carried.Select(buffers => buffers.Select(buffer => buffer!.Slice(0, _batch, length, _hiddenSize)).ToImmutableArray())];
    }

    /// <summary>Writes the inputs of a run.</summary>
    public void Fill(ReadOnlySpan<int> tokens, RunShape shape)
    {
        Span<long> numbers = Numbers(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
        {
            numbers[i] = tokens[i];
        }

        Write(_ids!, numbers);
        for (int i = 0; i < tokens.Length; i++)
        {
            numbers[i] = shape.PositionOf(i / shape.Length, i % shape.Length);
        }

        Write(_positions!, numbers);
        Span<int> seqLens = _seqLensK.Span<int>(0, _batch);
        for (int row = 0; row < _batch; row++)
        {
            seqLens[row] = shape.TotalOf(row) - 1;
            _numbersOfRows[row] = shape.TotalOf(row);
        }

        _totalLength.Span<int>(0, 1)[0] = Longest(shape);
        Write(_validLengths, _numbersOfRows);
        for (int row = 0; row < _batch; row++)
        {
            _numbersOfRows[row] = shape.Starts[row];
        }

        Write(_writeIndices, _numbersOfRows);
    }

    /// <summary>The mask of a run, [B, total]: 1 for the positions that a row has after it. The caller disposes it after the run.</summary>
    public OrtValue Mask(RunShape shape)
    {
        int total = Longest(shape);
        long elements = (long)_batch * total;
        if (_mask is null || _mask.Elements < elements)
        {
            long room = Math.Max(elements, 2 * (_mask?.Elements ?? 0));
            _mask?.Dispose();
            _mask = null;
            _mask = new DeviceBuffer(Device.Cpu, _ports.AttentionMask, room);
        }

        Span<long> numbers = Numbers((int)elements);
        for (int row = 0; row < _batch; row++)
        {
            Span<long> mask = numbers.Slice(row * total, total);
            mask[..shape.TotalOf(row)].Fill(1);
            mask[shape.TotalOf(row)..].Clear();
        }

        Write(_mask, numbers);
        return _mask.Slice(0, _batch, total);
    }

    /// <summary>The memory of <see cref="Hidden"/>.</summary>
    public DeviceBuffer HiddenBuffer(int shard) => _hidden[shard]!;

    /// <summary>A shard's last residual, widened to single precision.</summary>
    public void ReadHidden(int shard, Span<float> destination) => _hidden[shard]!.ReadSingles(0, destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        DisposeTensors();
        DisposeBuffers();
        foreach (OrtValue? value in (OrtValue?[])[SeqLensK, TotalLength, WriteIndices, ValidLengths])
        {
            value?.Dispose();
        }

        foreach (DeviceBuffer? buffer in (DeviceBuffer?[])[_seqLensK, _totalLength, _writeIndices, _validLengths, _mask])
        {
            buffer?.Dispose();
        }
    }

    private static int Longest(RunShape shape)
    {
        int longest = 0;
        for (int row = 0; row < shape.Batch; row++)
        {
            longest = Math.Max(longest, shape.TotalOf(row));
        }

        return longest;
    }

    private static void Write(DeviceBuffer buffer, ReadOnlySpan<long> numbers) =>
        PortNumbers.Write(buffer.Type, numbers, buffer.Raw(0, numbers.Length * buffer.Type.ByteSize()));

    /// <summary>Room for numbers on the way to a port. Doubled when it is too small: a mask grows with each step.</summary>
    private Span<long> Numbers(int count)
    {
        if (_numbers.Length < count)
        {
            _numbers = new long[(int)Math.Min(Math.Max(count, 2L * _numbers.Length), Array.MaxLength)];
        }

        return _numbers.AsSpan(0, count);
    }

    private void Allocate(long tokens)
    {
        DisposeBuffers();
        _hidden = new DeviceBuffer?[_shards.Length];
        _carried = [.. _shards.Select(shard => new DeviceBuffer?[shard.Carried])];
        for (int i = 0; i < _shards.Length; i++)
        {
            _hidden[i] = new DeviceBuffer(_shards[i].Device, _type, tokens * _hiddenSize);
            for (int k = 0; k < _carried[i].Length; k++)
            {
                _carried[i][k] = new DeviceBuffer(_shards[i - 1].Device, _type, tokens * _hiddenSize);
            }
        }

        // Last, for what is there once these are, is enough.
        _positions = new DeviceBuffer(Device.Cpu, _ports.PositionIds, tokens);
        _ids = new DeviceBuffer(Device.Cpu, _ports.InputIds, tokens);
    }

    private void DisposeTensors()
    {
        Ids?.Dispose();
        Positions?.Dispose();
        foreach (OrtValue value in Hidden.Concat(Carried.SelectMany(values => values)))
        {
            value.Dispose();
        }

        Hidden = [];
        Carried = [];
    }

    private void DisposeBuffers()
    {
        foreach (DeviceBuffer? buffer in _hidden.Concat(_carried.SelectMany(buffers => buffers)).Append(_ids).Append(_positions))
        {
            buffer?.Dispose();
        }

        _ids = null;
        _positions = null;
        _hidden = [];
        _carried = [];
    }
}
