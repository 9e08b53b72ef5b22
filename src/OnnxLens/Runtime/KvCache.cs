using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;

namespace OnnxLens.Runtime;

/// <summary>
/// Keys and values of every layer for the rows of one batch, preallocated; past and present share one buffer, and every
/// buffer stays on the device of its shard. Belongs to its run, and goes with it.
/// </summary>
/// <remarks>
/// Each layer holds two tensors T [B,KV,C,D]. <see cref="Length"/> positions of a row are valid; what lies beyond is never read,
/// so a rewind (<see cref="ModelRun.Rewind"/>) is a smaller length, and exact.
/// </remarks>
public sealed class KvCache
{
    private readonly ImmutableArray<LayerCache> _layers;
    private readonly int[] _lengths;
    private bool _freed;

    internal KvCache(ModelFacts facts, Onnx.ElementType type, Func<int, Device> deviceOfLayer, int batch, int capacity, int spare = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        if (capacity > facts.MaxLength)
        {
            throw new SelectionException(
                $"A sequence of {capacity} tokens is longer than the {facts.MaxLength} this bundle was exported for. Shorten it, or export again with a longer '--max-length' (the model was trained for {facts.ContextLength}).");
        }

        Batch = batch;
        Capacity = capacity;
        _lengths = new int[batch];
        var layers = ImmutableArray.CreateBuilder<LayerCache>(facts.Layers);
        try
        {
            for (int i = 0; i < facts.Layers; i++)
            {
                layers.Add(new LayerCache(deviceOfLayer(i), type, batch, facts.KvHeads, capacity + spare, facts.HeadDim));
            }
        }
        catch
        {
            foreach (LayerCache layer in layers)
            {
                layer.Dispose();
            }

            throw;
        }

        _layers = layers.MoveToImmutable();
    }

    /// <summary>Rows, B.</summary>
    public int Batch { get; }

    /// <summary>Positions that fit, C.</summary>
    public int Capacity { get; }

    /// <summary>Bytes of all layers together.</summary>
    public long Bytes => _layers.Sum(layer => layer.Bytes);

    /// <summary>Number of valid positions of a row.</summary>
    public int Length(int row = 0) => _lengths[row];

    /// <summary>Frees the memory. Called by the run that owns it, when no session uses it.</summary>
    internal void Free()
    {
        if (!_freed)
        {
            _freed = true;
            foreach (LayerCache layer in _layers)
            {
                layer.Dispose();
            }
        }
    }

    internal LayerCache Layer(int layer)
    {
        ObjectDisposedException.ThrowIf(_freed, this);
        return _layers[layer];
    }

    /// <summary>Gives every row the first positions of another cache's only row.</summary>
    internal void CopyPrefix(KvCache source)
    {
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer].CopyPrefix(source._layers[layer], source.Length());
        }

        Array.Fill(_lengths, source.Length());
    }

    internal void SetLength(int row, int length) => _lengths[row] = length;

    /// <summary>Keys and values of one layer. Owns both buffers and the tensors over them.</summary>
    internal sealed class LayerCache : IDisposable
    {
        private readonly DeviceBuffer _keys;
        private readonly DeviceBuffer _values;
        private readonly long[] _rowShape;
        private readonly long _rowElements;

        public LayerCache(Device device, Onnx.ElementType type, int batch, int kvHeads, int capacity, int headDim)
        {
            _rowShape = [1, kvHeads, capacity, headDim];
            _rowElements = (long)kvHeads * capacity * headDim;
            _keys = new DeviceBuffer(device, type, batch * _rowElements);
            try
            {
                _values = new DeviceBuffer(device, type, batch * _rowElements);
            }
            catch
            {
                _keys.Dispose();
                throw;
            }

            Key = _keys.Slice(0, batch, kvHeads, capacity, headDim);
            Value = _values.Slice(0, batch, kvHeads, capacity, headDim);
        }

        /// <summary>All rows' keys. Owned here.</summary>
        public OrtValue Key { get; }

        /// <summary>All rows' values. Owned here.</summary>
        public OrtValue Value { get; }

        public long Bytes => _keys.Bytes + _values.Bytes;

        /// <summary>One row's keys and values, [1,KV,C,D]. The caller disposes both.</summary>
        public (OrtValue Key, OrtValue Value) Row(int row) =>
            (_keys.Slice(row * _rowElements, _rowShape), _values.Slice(row * _rowElements, _rowShape));

        public void CopyPrefix(LayerCache source, int length)
        {
            int headDim = (int)_rowShape[3];
            long rows = _keys.Elements / _rowElements;
            for (long plane = 0; plane < rows * _rowShape[1]; plane++)
            {
                long from = plane % _rowShape[1] * source._rowShape[2] * headDim;
                long to = plane * _rowShape[2] * headDim;
                source._keys.CopyTo(from, _keys, to, (long)length * headDim);
                source._values.CopyTo(from, _values, to, (long)length * headDim);
            }
        }

        public void Dispose()
        {
            Key.Dispose();
            Value.Dispose();
            _keys.Dispose();
            _values.Dispose();
        }
    }
}
