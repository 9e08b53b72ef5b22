using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Native;
using OnnxLens.Runtime.Pipeline;

namespace OnnxLens.Runtime;

/// <summary>
/// Keys and values of every layer for the rows of one batch, preallocated; every buffer stays on the device of its shard.
/// Belongs to its run, and goes with it.
/// </summary>
/// <remarks>
/// <see cref="Length"/> positions of a row are valid; what lies beyond is never read, so a rewind (<see cref="ModelRun.Rewind"/>) is a
/// smaller length, and exact. Where the cache grows, entries lie densely, so a rewind moves those kept together, and is as exact.
/// A model that keeps nothing has no buffers here, and its runs begin anew.
/// </remarks>
public sealed class KvCache
{
    private readonly ImmutableArray<LayerCache> _layers;
    private readonly int[] _lengths;
    private bool _freed;

    /// <param name="manifest">What the model's cache is like.</param>
    /// <param name="deviceOfLayer">Where each layer runs.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="capacity">Positions of a row.</param>
    /// <param name="spare">Entries beyond them, for branches.</param>
    internal KvCache(BundleManifest manifest, Func<int, Device> deviceOfLayer, int batch, int capacity, int spare = 0)
    {
        ModelFacts facts = manifest.Model;
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        if (capacity > facts.MaxLength)
        {
            throw new SelectionException(
                $"A sequence of {capacity} tokens is longer than the {facts.MaxLength} this bundle was exported for. Shorten it, or export again with a longer '--max-length' (the model was trained for {facts.ContextLength}).");
        }

        Batch = batch;
        Capacity = capacity;
        Kind = manifest.Cache.Kind;
        _lengths = new int[batch];
        ElementType type = TensorTypes.FromPrecision(manifest.Cache.Precision ?? manifest.Precision);
        var layers = ImmutableArray.CreateBuilder<LayerCache>(facts.Layers);
        try
        {
            for (int i = 0; i < facts.Layers && Kind != CacheKind.None; i++)
            {
                layers.Add(new LayerCache(deviceOfLayer(i), type, manifest.Cache, facts, batch, capacity + spare));
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

        _layers = layers.ToImmutable();
    }

    /// <summary>Rows, B.</summary>
    public int Batch { get; }

    /// <summary>Positions that fit, C.</summary>
    public int Capacity { get; }

    /// <summary>How entries are kept from step to step.</summary>
    public CacheKind Kind { get; }

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
    /// <param name="source">The other cache.</param>
    /// <param name="apart">True where the rows will run one by one.</param>
    internal void CopyPrefix(KvCache source, bool apart)
    {
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer].CopyPrefix(source._layers[layer], source.Length(), apart);
        }

        Array.Fill(_lengths, source.Length());
    }

    /// <summary>What the last run of a row, or of all, wrote is valid from now on.</summary>
    internal void Advance(int? row)
    {
        foreach (LayerCache layer in _layers)
        {
            layer.Advance(row);
        }
    }

    internal void SetLength(int row, int length) => _lengths[row] = length;

    /// <summary>Forgets the positions of a row from a length on.</summary>
    internal void Truncate(int row, int length)
    {
        foreach (LayerCache layer in _layers)
        {
            layer.Truncate(row, _lengths[row], length);
        }

        _lengths[row] = length;
    }
}
