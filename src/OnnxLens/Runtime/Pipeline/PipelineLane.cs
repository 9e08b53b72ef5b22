using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Branches;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Native;
using OnnxLens.Runtime.Operators;
using OnnxLens.Runtime.Sessions;

namespace OnnxLens.Runtime.Pipeline;

/// <summary>
/// The bound inputs and outputs of every shard for one set of cache rows: all rows of a batch, or a single one.
/// What does not change between steps stays bound. Owns its bindings and buffers; borrows the shards and the cache.
/// </summary>
/// <remarks>The residual stream goes from shard to shard in the buffer it was written to; no managed array lies between.</remarks>
internal sealed class PipelineLane : IDisposable
{
    private readonly ImmutableArray<ShardSession> _shards;
    private readonly KvCache _cache;
    private readonly int? _row;
    private readonly List<OrtIoBinding> _bindings = [];
    private readonly List<OrtValue> _stepValues = [];
    private readonly int _batch;
    private readonly LaneBuffers _buffers;
    private readonly BranchBiasBuffers _biases;
    private readonly long[] _hiddenShape;
    private readonly DeviceBuffer?[][] _recomputed;
    private readonly bool _masked;
    private readonly ElementType _type;
    private int _boundLength;

    public PipelineLane(ImmutableArray<ShardSession> shards, KvCache cache, int? row, ElementType type, int hiddenSize)
    {
        _shards = shards;
        _cache = cache;
        _row = row;
        _type = type;
        _batch = row is null ? cache.Batch : 1;
        _hiddenShape = [_batch, 0, hiddenSize];
        _buffers = new LaneBuffers([.. shards.Select(shard => (shard.Device, shard.Entry.Carried.Length))], PortTypes.Of(shards), type, _batch, hiddenSize);
        _biases = new BranchBiasBuffers(Device.Cpu, type);
        _recomputed = [.. shards.Select(shard => new DeviceBuffer?[shard.Captures.Length])];
        _masked = shards.Any(shard => shard.Entry.AttentionMask is not null);
        try
        {
            foreach (ShardSession shard in shards)
            {
                OrtIoBinding binding = shard.Session.CreateBinding();
                _bindings.Add(binding);
                if (cache.Kind != CacheKind.Growing)
                {
                    BindCache(binding, shard, 0, 0);
                }

                BindLengths(binding, shard);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs every shard in turn.</summary>
    /// <param name="tokens">Ids, [B,S] row-major; padding is any valid id.</param>
    /// <param name="shape">The rows and positions.</param>
    /// <param name="captures">Where captured values are written, or null.</param>
    /// <param name="steering">What is applied, prepared for this run, or null.</param>
    /// <param name="final">Receives the last residual of each row's last real position, [B,H], or of each branch, [S,H]. Nothing of it is changed unless the step is done.</param>
    /// <param name="finalRow">The row of <paramref name="final"/> where that begins.</param>
    /// <param name="cancellation">Stops within the step; neither cache nor captures are then advanced.</param>
    public void Run(
        ReadOnlySpan<int> tokens, RunShape shape, CaptureBuffer? captures, SteeringFeed? steering, DeviceBuffer final, int finalRow, CancellationToken cancellation)
    {
        Resize(shape.Length);
        _buffers.Fill(tokens, shape);
        try
        {
            (DeviceBuffer Buffer, long FirstRow)? hidden = null;
            OrtValue? mask = _masked ? ForStep(_buffers.Mask(shape)) : null;
            for (int i = 0; i < _shards.Length; i++)
            {
                hidden = RunShard(i, hidden, mask, shape, captures, steering, cancellation);
            }

            CopyFinal(hidden!.Value, shape, final, finalRow);
            _cache.Advance(_row);
        }
        finally
        {
            _stepValues.ForEach(value => value.Dispose());
            _stepValues.Clear();
        }
    }

    /// <summary>Where each bound output lies.</summary>
    public IEnumerable<BoundValue> BoundOutputs()
    {
        for (int i = 0; i < _shards.Length; i++)
        {
            foreach ((string port, Device device) in _shards[i].Session.BoundOutputs(_bindings[i]))
            {
                yield return new BoundValue(_shards[i].Entry.File, port, device);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OrtIoBinding binding in _bindings)
        {
            binding.Dispose();
        }

        foreach (DeviceBuffer? buffer in _recomputed.SelectMany(buffers => buffers))
        {
            buffer?.Dispose();
        }

        _buffers.Dispose();
        _biases.Dispose();
    }

    private static void Bind(OrtIoBinding binding, string? input, OrtValue value)
    {
        if (input is not null)
        {
            binding.BindInput(input, value);
        }
    }

    private void BindLengths(OrtIoBinding binding, ShardSession shard)
    {
        Bind(binding, shard.Entry.SeqLensK, _buffers.SeqLensK);
        Bind(binding, shard.Entry.TotalSequenceLength, _buffers.TotalLength);
        Bind(binding, shard.Entry.WriteIndices, _buffers.WriteIndices);
        Bind(binding, shard.Entry.ValidLengths, _buffers.ValidLengths);
    }

    private void BindTokens(OrtIoBinding binding, ShardSession shard)
    {
        Bind(binding, shard.Entry.InputIds, _buffers.Ids);
        Bind(binding, shard.PositionIds, _buffers.Positions);
    }

    /// <summary>Binds what lies on another device than the shard's. It is copied when it is bound, so it is bound when it is written.</summary>
    private void BindFromElsewhere(int index)
    {
        ShardSession shard = _shards[index];
        if (shard.Device.Kind != DeviceKind.Cpu)
        {
            BindTokens(_bindings[index], shard);
            BindLengths(_bindings[index], shard);
        }

        for (int k = 0; k < shard.Entry.Carried.Length && shard.Device != _shards[index - 1].Device; k++)
        {
            _bindings[index].BindInput(shard.Entry.Carried[k].Input, _buffers.Carried[index][k]);
        }
    }

    /// <summary>Binds the cache of a shard's layers.</summary>
    /// <param name="binding">The shard's ports.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="before">Valid entries before the run; counts only where the cache grows.</param>
    /// <param name="after">Valid entries after it.</param>
    private void BindCache(OrtIoBinding binding, ShardSession shard, int before, int after)
    {
        for (int i = 0; i < shard.Entry.Cache.Length; i++)
        {
            _cache.Layer(shard.Entry.FirstLayer + i).Bind(binding, shard.Entry.Cache[i], _row, before, after);
        }
    }

    private void Resize(int length)
    {
        if (length == _boundLength)
        {
            return;
        }

        _boundLength = 0;
        _hiddenShape[1] = length;
        _buffers.Resize(length);
        for (int i = 0; i < _shards.Length; i++)
        {
            ShardEntry entry = _shards[i].Entry;
            BindTokens(_bindings[i], _shards[i]);
            _bindings[i].BindOutput(entry.HiddenOut, _buffers.Hidden[i]);
            for (int k = 0; k < entry.Carried.Length; k++)
            {
                _bindings[i - 1].BindOutput(entry.Carried[k].From, _buffers.Carried[i][k]);
                _bindings[i].BindInput(entry.Carried[k].Input, _buffers.Carried[i][k]);
            }
        }

        _boundLength = length;
    }

    /// <summary>Runs one shard.</summary>
    /// <returns>Where its last residual was written, and the row where that begins.</returns>
    private (DeviceBuffer Buffer, long FirstRow) RunShard(
        int index, (DeviceBuffer Buffer, long FirstRow)? hiddenIn, OrtValue? mask, RunShape shape, CaptureBuffer? captures, SteeringFeed? steering, CancellationToken cancellation)
    {
        ShardSession shard = _shards[index];
        OrtIoBinding binding = _bindings[index];
        (DeviceBuffer Buffer, long FirstRow) hiddenOut = (_buffers.HiddenBuffer(index), 0);
        BindFromElsewhere(index);
        if (hiddenIn is { } rows)
        {
            rows.Buffer.Bind(binding, PortDirection.Input, shard.Entry.HiddenIn!, rows.FirstRow * _hiddenShape[2], _hiddenShape);
        }

        for (int i = 0; captures is not null && i < shard.Captures.Length; i++)
        {
            (HookPoint point, string value) = shard.Captures[i];
            if (captures.Holds(point))
            {
                (DeviceBuffer Buffer, long FirstRow) target = shape.Recomputed == 0 ? captures.NextBlock(point) : (RecomputedRows(index, i, shape.Length), 0);
                target.Buffer.Bind(binding, PortDirection.Output, value, target.FirstRow * _hiddenShape[2], _hiddenShape);
                hiddenOut = value == shard.Entry.HiddenOut ? target : hiddenOut;
            }
        }

        if (mask is not null)
        {
            Bind(binding, shard.Entry.AttentionMask, mask);
        }

        if (_cache.Kind == CacheKind.Growing)
        {
            BindCache(binding, shard, shape.Starts[0], shape.TotalOf(0));
        }

        steering?.Bind(binding, shard);
        if (shard.Branches is not null)
        {
            foreach (BranchBias bias in shard.Branches.Biases)
            {
                binding.BindInput(bias.Input, ForStep(_biases.Fill(bias, shape)));
            }
        }

        shard.Session.Run(binding, cancellation);
        if (captures is not null && shape.Recomputed > 0)
        {
            KeepNewRows(index, shape, captures);
        }

        return hiddenOut;
    }

    /// <summary>Room for all rows of a captured value, of which only those that were not run before are kept.</summary>
    private DeviceBuffer RecomputedRows(int shard, int capture, int length)
    {
        ref DeviceBuffer? buffer = ref _recomputed[shard][capture];
        long elements = (long)_batch * length * _hiddenShape[2];
        if (buffer is null || buffer.Elements < elements)
        {
            buffer?.Dispose();
            buffer = null;
            buffer = new DeviceBuffer(_shards[shard].Device, _type, elements * 2); // Each step is longer than the one before.
        }

        return buffer;
    }

    private void KeepNewRows(int shard, RunShape shape, CaptureBuffer captures)
    {
        for (int i = 0; i < _shards[shard].Captures.Length; i++)
        {
            HookPoint point = _shards[shard].Captures[i].Point;
            for (int row = 0; row < _batch && captures.Holds(point); row++)
            {
                captures.Put(point, (long)row * shape.NewLength, _recomputed[shard][i]!, ((long)row * shape.Length) + shape.Recomputed, shape.NewLength);
            }
        }
    }

    private OrtValue ForStep(OrtValue value)
    {
        _stepValues.Add(value);
        return value;
    }

    /// <summary>Copies the last residual of each row's last real position.</summary>
    private void CopyFinal((DeviceBuffer Buffer, long FirstRow) hidden, RunShape shape, DeviceBuffer final, int finalRow)
    {
        (DeviceBuffer source, long firstRow) = hidden;
        long width = _hiddenShape[2];
        if (shape.Branches)
        {
            source.CopyTo(firstRow * width, final, finalRow * width, shape.Length * width);
            return;
        }

        for (int row = 0; row < _batch; row++)
        {
            long last = firstRow + ((long)row * shape.Length) + shape.Counts[row] - 1;
            source.CopyTo(last * width, final, (finalRow + row) * width, width);
        }
    }
}
