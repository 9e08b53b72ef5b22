using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>
/// The bound inputs and outputs of every shard for one set of cache rows: all rows of a batch, or a single one.
/// What does not change between steps stays bound. Owns its bindings and buffers; borrows the shards and the cache.
/// </summary>
/// <remarks>The residual stream goes from shard to shard in the buffer it was written to; no managed array lies between.</remarks>
internal sealed class PipelineLane : IDisposable
{
    private readonly ImmutableArray<ShardSession> _shards;
    private readonly ImmutableArray<OrtIoBinding> _bindings;
    private readonly ImmutableArray<IDisposable> _cacheViews;
    private readonly List<OrtValue> _stepValues = [];
    private readonly int _batch;
    private readonly LaneBuffers _buffers;
    private readonly BranchBiasBuffers _biases;
    private readonly long[] _hiddenShape;
    private int _boundLength;

    public PipelineLane(ImmutableArray<ShardSession> shards, KvCache cache, int? row, ElementType type, int hiddenSize)
    {
        _shards = shards;
        _batch = row is null ? cache.Batch : 1;
        _hiddenShape = [_batch, 0, hiddenSize];
        _buffers = new LaneBuffers([.. shards.Select(shard => shard.Device)], type, _batch, hiddenSize);
        _biases = new BranchBiasBuffers(Device.Cpu, type);
        var bindings = ImmutableArray.CreateBuilder<OrtIoBinding>(shards.Length);
        var views = ImmutableArray.CreateBuilder<IDisposable>();
        foreach (ShardSession shard in shards)
        {
            OrtIoBinding binding = shard.Session.CreateBinding();
            bindings.Add(binding);
            BindCache(binding, shard, cache, row, views);
            binding.BindInput(shard.Entry.SeqLensK, _buffers.SeqLensK);
            binding.BindInput(shard.Entry.TotalSequenceLength, _buffers.TotalLength);
        }

        _bindings = bindings.MoveToImmutable();
        _cacheViews = views.ToImmutable();
    }

    /// <summary>Runs every shard in turn.</summary>
    /// <param name="tokens">Ids, [B,S] row-major; padding is any valid id.</param>
    /// <param name="shape">The rows and positions.</param>
    /// <param name="captures">Where captured values are written, or null.</param>
    /// <param name="steering">What is applied, prepared for this run, or null.</param>
    /// <param name="final">Receives the last residual of each row's last real position, [B,H], or of each branch, [S,H].</param>
    /// <param name="cancellation">Stops within the step; neither cache nor captures are then advanced.</param>
    public void Run(
        ReadOnlySpan<int> tokens, RunShape shape, CaptureBuffer? captures, SteeringFeed? steering, DeviceBuffer final, CancellationToken cancellation)
    {
        Resize(shape.Length);
        _buffers.Fill(tokens, shape);
        try
        {
            OrtValue? hidden = null;
            for (int i = 0; i < _shards.Length; i++)
            {
                hidden = RunShard(i, hidden, shape, captures, steering, cancellation);
            }

            CopyFinal(hidden!, shape, final);
        }
        finally
        {
            _stepValues.ForEach(value => value.Dispose());
            _stepValues.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OrtIoBinding binding in _bindings)
        {
            binding.Dispose();
        }

        foreach (IDisposable view in _cacheViews)
        {
            view.Dispose();
        }

        _buffers.Dispose();
        _biases.Dispose();
    }

    private static void BindCache(
        OrtIoBinding binding, ShardSession shard, KvCache cache, int? row, ImmutableArray<IDisposable>.Builder views)
    {
        for (int i = 0; i < shard.Entry.LayerCount; i++)
        {
            KvCache.LayerCache layer = cache.Layer(shard.Entry.FirstLayer + i);
            (OrtValue key, OrtValue value) = (layer.Key, layer.Value);
            if (row is int single)
            {
                (key, value) = layer.Row(single);
                views.Add(key);
                views.Add(value);
            }

            CacheEntry ports = shard.Entry.Cache[i];
            binding.BindInput(ports.PastKey, key);
            binding.BindInput(ports.PastValue, value);
            binding.BindOutput(ports.PresentKey, key);
            binding.BindOutput(ports.PresentValue, value);
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
            if (entry.InputIds is not null)
            {
                _bindings[i].BindInput(entry.InputIds, _buffers.Ids);
            }
            else
            {
                _bindings[i].BindInput(entry.HiddenIn, _buffers.Hidden[i - 1]);
            }

            if (_shards[i].PositionIds is string positions)
            {
                _bindings[i].BindInput(positions, _buffers.Positions);
            }

            _bindings[i].BindOutput(entry.HiddenOut, _buffers.Hidden[i]);
        }

        _boundLength = length;
    }

    /// <summary>Runs one shard and returns the tensor that its last residual was written to.</summary>
    private OrtValue RunShard(
        int index, OrtValue? hiddenIn, RunShape shape, CaptureBuffer? captures, SteeringFeed? steering, CancellationToken cancellation)
    {
        ShardSession shard = _shards[index];
        OrtIoBinding binding = _bindings[index];
        OrtValue hiddenOut = _buffers.Hidden[index];
        if (captures is not null)
        {
            if (hiddenIn is not null)
            {
                binding.BindInput(shard.Entry.HiddenIn, hiddenIn);
            }

            foreach ((HookPoint point, string value) in shard.Captures)
            {
                if (captures.Holds(point))
                {
                    OrtValue rows = ForStep(captures.NextRows(point, _hiddenShape));
                    binding.BindOutput(value, rows);
                    hiddenOut = value == shard.Entry.HiddenOut ? rows : hiddenOut;
                }
            }
        }

        if (steering is not null)
        {
            foreach ((string port, OrtValue value) in steering.Feeds(shard))
            {
                binding.BindInput(port, ForStep(value));
            }
        }

        if (shard.Branches is not null)
        {
            foreach (BranchBias bias in shard.Branches.Biases)
            {
                binding.BindInput(bias.Input, ForStep(_biases.Fill(bias, shape)));
            }
        }

        shard.Session.Run(binding, cancellation);
        return hiddenOut;
    }

    private OrtValue ForStep(OrtValue value)
    {
        _stepValues.Add(value);
        return value;
    }

    private void CopyFinal(OrtValue hidden, RunShape shape, DeviceBuffer final)
    {
        ReadOnlySpan<byte> source = hidden.GetTensorMutableRawData();
        int rowBytes = source.Length / (_batch * shape.Length);
        if (shape.Branches)
        {
            source.CopyTo(final.Raw(0, source.Length));
            return;
        }

        for (int row = 0; row < _batch; row++)
        {
            int last = (row * shape.Length) + shape.Counts[row] - 1;
            source.Slice(last * rowBytes, rowBytes).CopyTo(final.Raw(row * (long)rowBytes, rowBytes));
        }
    }
}
