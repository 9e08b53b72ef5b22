using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>The inputs of a lane, and the residual stream between its shards. Owns the memory and the tensors over it.</summary>
internal sealed class LaneBuffers : IDisposable
{
    private readonly int _batch;
    private readonly int _hiddenSize;
    private readonly ElementType _type;
    private readonly ImmutableArray<Device> _devices;
    private readonly DeviceBuffer _seqLensK;
    private readonly DeviceBuffer _totalLength;
    private DeviceBuffer? _ids;
    private DeviceBuffer? _positions;
    private DeviceBuffer[] _hidden = [];

    public LaneBuffers(ImmutableArray<Device> devices, ElementType type, int batch, int hiddenSize)
    {
        _devices = devices;
        _type = type;
        _batch = batch;
        _hiddenSize = hiddenSize;
        _seqLensK = new DeviceBuffer(Device.Cpu, ElementType.Int32, batch);
        _totalLength = new DeviceBuffer(Device.Cpu, ElementType.Int32, 1);
        SeqLensK = _seqLensK.Slice(0, batch);
        TotalLength = _totalLength.Slice(0);
    }

    /// <summary>int32 [B]: total length − 1 of each row.</summary>
    public OrtValue SeqLensK { get; }

    /// <summary>int32 scalar: the largest total length.</summary>
    public OrtValue TotalLength { get; }

    /// <summary>int64 [B,S].</summary>
    public OrtValue Ids { get; private set; } = null!;

    /// <summary>int64 [B,S].</summary>
    public OrtValue Positions { get; private set; } = null!;

    /// <summary>Per shard, T [B,S,H]: its last residual, where that is not written into a capture.</summary>
    public ImmutableArray<OrtValue> Hidden { get; private set; } = [];

    /// <summary>Makes tensors of S positions; memory is kept while it suffices.</summary>
    public void Resize(int length)
    {
        DisposeTensors();
        long tokens = (long)_batch * length;
        if (_ids is null || _ids.Elements < tokens)
        {
            DisposeBuffers();
            _ids = new DeviceBuffer(Device.Cpu, ElementType.Int64, tokens);
            _positions = new DeviceBuffer(Device.Cpu, ElementType.Int64, tokens);
            _hidden = [.. _devices.Select(device => new DeviceBuffer(device, _type, tokens * _hiddenSize))];
        }

        Ids = _ids.Slice(0, _batch, length);
        Positions = _positions!.Slice(0, _batch, length);
        Hidden = [.. _hidden.Select(buffer => buffer.Slice(0, _batch, length, _hiddenSize))];
    }

    /// <summary>Writes the inputs of a run.</summary>
    public void Fill(ReadOnlySpan<int> tokens, RunShape shape)
    {
        Span<long> ids = _ids!.Span<long>(0, tokens.Length);
        Span<long> positions = _positions!.Span<long>(0, tokens.Length);
        Span<int> seqLens = _seqLensK.Span<int>(0, _batch);
        int longest = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            ids[i] = tokens[i];
            positions[i] = shape.PositionOf(i / shape.Length, i % shape.Length);
        }

        for (int row = 0; row < _batch; row++)
        {
            seqLens[row] = shape.TotalOf(row) - 1;
            longest = Math.Max(longest, shape.TotalOf(row));
        }

        _totalLength.Span<int>(0, 1)[0] = longest;
    }

    /// <summary>A shard's last residual, widened to single precision.</summary>
    public void ReadHidden(int shard, Span<float> destination) => _hidden[shard].ReadSingles(0, destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        DisposeTensors();
        DisposeBuffers();
        SeqLensK.Dispose();
        TotalLength.Dispose();
        _seqLensK.Dispose();
        _totalLength.Dispose();
    }

    private void DisposeTensors()
    {
        Ids?.Dispose();
        Positions?.Dispose();
        foreach (OrtValue value in Hidden)
        {
            value.Dispose();
        }

        Hidden = [];
    }

    private void DisposeBuffers()
    {
        _ids?.Dispose();
        _positions?.Dispose();
        foreach (DeviceBuffer buffer in _hidden)
        {
            buffer.Dispose();
        }

        _hidden = [];
    }
}
