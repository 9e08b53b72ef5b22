using System.Numerics;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime.Devices;

/// <summary>
/// Keeps the captures' memory of runs that ended for those that follow: memory that is new costs a fault for every page, which with all
/// sites captured is a tenth of a run. Owns what was returned. Any thread may call it.
/// </summary>
/// <remarks>Not for caches: what a graph makes of values that an earlier run left behind the valid ones is not known of all graphs, and zeros are safe.</remarks>
/// <param name="hostOnly">True keeps memory on the CPU alone: that of other devices has no faults to save, and is wanted for other things.</param>
internal sealed class DevicePool(bool hostOnly = false) : IDisposable
{
    private readonly Dictionary<(Device Device, ElementType Type, long Elements), Stack<DeviceBuffer>> _free = [];
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <summary>A buffer of so many elements or more, up to twice as many where its device is one whose memory is kept. What is in it is not defined. The caller returns it.</summary>
    public DeviceBuffer Rent(Device device, ElementType type, long elements)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elements, 1);
        if (!Keeps(device))
        {
            return new DeviceBuffer(device, type, elements);
        }

        long size = (long)BitOperations.RoundUpToPowerOf2((ulong)elements);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_free.TryGetValue((device, type, size), out Stack<DeviceBuffer>? free) && free.TryPop(out DeviceBuffer? buffer))
            {
                return buffer;
            }
        }

        return new DeviceBuffer(device, type, size);
    }

    /// <summary>Takes back a buffer that was rented. Where the pool is gone, or does not keep memory of that device, so is the buffer.</summary>
    public void Return(DeviceBuffer buffer)
    {
        lock (_gate)
        {
            if (_disposed || !Keeps(buffer.Device))
            {
                buffer.Dispose();
                return;
            }

            (Device, ElementType, long) key = (buffer.Device, buffer.Type, buffer.Elements);
            if (!_free.TryGetValue(key, out Stack<DeviceBuffer>? free))
            {
                _free.Add(key, free = new Stack<DeviceBuffer>());
            }

            free.Push(buffer);
        }
    }

    /// <summary>Frees what was returned and not rented again.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            foreach (DeviceBuffer buffer in _free.Values.SelectMany(free => free))
            {
                buffer.Dispose();
            }

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

    private bool Keeps(Device device) => !hostOnly || device.Kind == DeviceKind.Cpu;
}
