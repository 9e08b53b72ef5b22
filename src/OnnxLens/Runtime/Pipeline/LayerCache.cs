using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Native;

namespace OnnxLens.Runtime.Pipeline;

/// <summary>Keys and values of one layer, for all rows of a batch. Owns the buffers.</summary>
/// <remarks>
/// A row has planes of C entries of some width: one plane of D for each KV head, or one of KV·D. In a cache that grows, a row's entries lie
/// densely in one of two buffers, from which a step writes into the other; there, rows run either together or apart, and lie accordingly.
/// </remarks>
internal sealed class LayerCache : IDisposable
{
    private readonly CacheKind _kind;
    private readonly DeviceBuffer[] _keys;
    private readonly DeviceBuffer[] _values;
    private readonly int[] _current;
    private readonly int _batch;
    private readonly int _planes;
    private readonly int _width;
    private readonly int _capacity;
    private readonly long[] _shape;

    /// <summary>Allocates.</summary>
    /// <param name="device">Where.</param>
    /// <param name="type">Element type.</param>
    /// <param name="form">How entries are kept.</param>
    /// <param name="facts">The model's sizes.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="capacity">Entries of each row, C.</param>
    public LayerCache(Device device, ElementType type, CacheForm form, ModelFacts facts, int batch, int capacity)
    {
        _kind = form.Kind;
        _batch = batch;
        _capacity = form.Capacity ?? Math.Max(capacity, form.LeastCapacity);
        (_planes, _width) = form.Layout == CacheLayout.HeadsFirst ? (facts.KvHeads, facts.HeadDim) : (1, facts.KvHeads * facts.HeadDim);
        _shape = form.Layout == CacheLayout.HeadsFirst ? [0, _planes, 0, _width] : [0, 0, _width];
        _current = new int[batch];
        int copies = _kind == CacheKind.Growing ? 2 : 1;
        _keys = new DeviceBuffer[copies];
        _values = new DeviceBuffer[copies];
        try
        {
            for (int i = 0; i < copies; i++)
            {
                _keys[i] = new DeviceBuffer(device, type, batch * RowElements);
                _values[i] = new DeviceBuffer(device, type, batch * RowElements);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of both.</summary>
    public long Bytes => _keys.Concat(_values).Sum(buffer => buffer.Bytes);

    private long RowElements => (long)_planes * _capacity * _width;

    /// <summary>Binds what a run reads and where it writes, which in a cache that does not grow is the same.</summary>
    /// <param name="binding">The shard's ports.</param>
    /// <param name="ports">Those of the layer.</param>
    /// <param name="row">The only row that is run, or null for all.</param>
    /// <param name="before">Valid entries before the run; counts only where the cache grows.</param>
    /// <param name="after">Valid entries after it; counts only where the cache grows.</param>
    public void Bind(OrtIoBinding binding, CacheEntry ports, int? row, int before = 0, int after = 0)
    {
        int current = _current[row ?? 0];
        bool grows = _kind == CacheKind.Growing;
        int target = grows ? 1 - current : current;
        Shape(row, grows ? before : _capacity);
        Bind(binding, PortDirection.Input, ports.PastKey, _keys[current], row);
        Bind(binding, PortDirection.Input, ports.PastValue, _values[current], row);
        Shape(row, grows ? after : _capacity);
        Bind(binding, PortDirection.Output, ports.PresentKey, _keys[target], row);
        Bind(binding, PortDirection.Output, ports.PresentValue, _values[target], row);
    }

    /// <summary>What a run wrote is from now on what the next one reads.</summary>
    public void Advance(int? row)
    {
        if (_kind != CacheKind.Growing)
        {
            return;
        }

        for (int i = row ?? 0; i < (row is int only ? only + 1 : _batch); i++)
        {
            _current[i] = 1 - _current[i];
        }
    }

    /// <summary>Forgets the entries of a row behind the first ones.</summary>
    /// <param name="row">The row.</param>
    /// <param name="before">Valid entries now.</param>
    /// <param name="length">Entries kept.</param>
    public void Truncate(int row, int before, int length)
    {
        if (_kind != CacheKind.Growing)
        {
            return; // What lies behind the valid entries is never read.
        }

        foreach (DeviceBuffer buffer in (DeviceBuffer[])[_keys[_current[row]], _values[_current[row]]])
        {
            for (int plane = 1; plane < _planes; plane++)
            {
                long start = row * RowElements;
                buffer.CopyTo(start + ((long)plane * before * _width), buffer, start + ((long)plane * length * _width), (long)length * _width);
            }
        }
    }

    /// <summary>Gives every row the first entries of another cache's only row.</summary>
    /// <param name="source">The other cache.</param>
    /// <param name="length">How many entries.</param>
    /// <param name="apart">True where rows will run one by one, each in its own part of a buffer; in a cache that grows, rows that run together lie densely.</param>
    public void CopyPrefix(LayerCache source, int length, bool apart)
    {
        bool grows = _kind == CacheKind.Growing;
        long from = (grows ? length : source._capacity) * (long)_width;
        long to = (grows ? length : _capacity) * (long)_width;
        long rowElements = apart ? RowElements : _planes * to;
        for (int row = 0; row < _batch; row++)
        {
            for (int plane = 0; plane < _planes; plane++)
            {
                long target = (row * rowElements) + (plane * to);
                source._keys[source._current[0]].CopyTo(plane * from, _keys[0], target, (long)length * _width);
                source._values[source._current[0]].CopyTo(plane * from, _values[0], target, (long)length * _width);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DeviceBuffer? buffer in _keys.Concat(_values))
        {
            buffer?.Dispose();
        }
    }

    private void Shape(int? row, int length)
    {
        _shape[0] = row is null ? _batch : 1;
        _shape[^2] = length;
    }

    private void Bind(OrtIoBinding binding, PortDirection direction, string port, DeviceBuffer buffer, int? row) =>
        buffer.Bind(binding, direction, port, (row ?? 0) * RowElements, _shape);
}
