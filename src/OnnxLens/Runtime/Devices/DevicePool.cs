using System.Numerics;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime.Devices;

/// <summary>
/// Keeps the captures' memory of runs that ended for those that follow: memory that is new costs a fault for every page, which with all
/// sites captured is a tenth of a run. Owns what was returned. Any thread may call it.
/// </summary>
/// <param name="exact">
/// True, for runs that are mostly alike: a new buffer has the size that was asked for and is given again for up to an eighth less; memory of
/// other devices than the CPU, which has no faults to save, is not kept. False, for runs of any length: sizes are powers of two.
/// </param>
/// <remarks>Not for caches: what a graph makes of values that an earlier run left behind the valid ones is not known of all graphs, and zeros are safe.</remarks>
internal sealed class DevicePool(bool exact = false) : IDisposable
{
    private readonly List<DeviceBuffer> _free = [];
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <summary>A buffer of so many elements or more. What is in it is not defined. The caller returns it.</summary>
    public DeviceBuffer Rent(Device device, ElementType type, long elements)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elements, 1);
        long size = exact ? elements : (long)BitOperations.RoundUpToPowerOf2((ulong)elements);
        long most = exact ? size + (size / 8) : size;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(LensModel));
            DeviceBuffer? found = _free
                .Where(buffer => buffer.Device == device && buffer.Type == type && buffer.Elements >= size && buffer.Elements <= most)
                .MinBy(buffer => buffer.Elements);
            if (found is not null)
            {
                _free.Remove(found);
                return found;
            }
        }

        return new DeviceBuffer(device, type, size);
    }

    /// <summary>Takes back a buffer that was rented. Where the pool is gone, or does not keep memory of that device, so is the buffer.</summary>
    public void Return(DeviceBuffer buffer)
    {
        lock (_gate)
        {
            if (_disposed || (exact && !buffer.IsHost))
            {
                buffer.Dispose();
                return;
            }

            _free.Add(buffer);
        }
    }

    /// <summary>Frees what was returned and not rented again.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            _free.ForEach(buffer => buffer.Dispose());
            _free.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            Trim();
        }
    }
}
