using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Native;

namespace OnnxLens.Runtime.Devices;

/// <summary>
/// A block of memory on one device, given to ONNX Runtime in slices. Owns the memory; every <see cref="OrtValue"/>
/// made from it borrows and must be disposed, and out of use, before it.
/// </summary>
/// <remarks>Starts as zeros. Pages that are never written are not committed on the CPU.</remarks>
internal sealed unsafe class DeviceBuffer : IDisposable
{
    private const int ZeroBlock = 1 << 16;

    private static int _live;

    private DeviceAllocation? _allocation;

    /// <summary>Allocates.</summary>
    /// <exception cref="InferenceException">The device is not there, or has not so much memory.</exception>
    public DeviceBuffer(Device device, ElementType type, long elements)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elements, 1);
        Device = device;
        Type = type;
        Elements = elements;
        _allocation = DeviceAllocation.Of(device, checked(elements * type.ByteSize()));
        Interlocked.Increment(ref _live);
        try
        {
            Zero();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Buffers of the process that were made and not disposed.</summary>
    public static int LiveCount => Volatile.Read(ref _live);

    /// <summary>Where it lies.</summary>
    public Device Device { get; }

    /// <summary>True on the CPU, where the memory can be read and written as a span.</summary>
    public bool IsHost => Device.Kind == DeviceKind.Cpu;

    /// <summary>Element type.</summary>
    public ElementType Type { get; }

    /// <summary>Number of elements.</summary>
    public long Elements { get; }

    /// <summary>Size in bytes.</summary>
    public long Bytes => Elements * Type.ByteSize();

    /// <summary>A tensor over part of the buffer. Borrows; the caller disposes it.</summary>
    /// <param name="offset">The first element.</param>
    /// <param name="shape">Sizes, none for a scalar; their product must fit behind the offset.</param>
    public OrtValue Slice(long offset, params ReadOnlySpan<long> shape) => Slice(offset, shape.ToArray());

    /// <inheritdoc cref="Slice(long, ReadOnlySpan{long})"/>
    /// <remarks>The array is only read, and not kept, so one array serves every slice of that shape.</remarks>
    public OrtValue Slice(long offset, long[] shape)
    {
        long count = shape.Length == 0 ? 1 : TensorPrimitives.Product<long>(shape);
        CheckRange(offset, count);
        int size = Type.ByteSize();
        return OrtValue.CreateTensorValueWithData(
            _allocation!.Memory, Type.ToOrt(), shape, _allocation.Pointer + (nint)(offset * size), count * size);
    }

    /// <summary>Binds part of the buffer to a port. The buffer must live for as long as it is bound.</summary>
    /// <param name="binding">The ports of a session.</param>
    /// <param name="direction">Which kind of port.</param>
    /// <param name="port">Its name; the same string from run to run, or each has the bytes of its name made anew.</param>
    /// <param name="offset">The first element.</param>
    /// <param name="shape">Sizes; their product must fit behind the offset.</param>
    /// <remarks>Allocates nothing. Use it for what is bound anew in every step.</remarks>
    /// <exception cref="InferenceException">ONNX Runtime refused.</exception>
    public void Bind(OrtIoBinding binding, PortDirection direction, string port, long offset, ReadOnlySpan<long> shape)
    {
        long count = TensorPrimitives.Product(shape);
        CheckRange(offset, count);
        int size = Type.ByteSize();
        NativeBinding.Bind(
            binding, direction, port, _allocation!.Memory, _allocation.Pointer + (nint)(offset * size), count * size, Type.ToOrt(), shape);
    }

    /// <summary>Elements as host memory.</summary>
    /// <exception cref="InvalidOperationException">The buffer lies on another device.</exception>
    public Span<T> Span<T>(long offset, int count)
        where T : unmanaged
    {
        if (sizeof(T) != Type.ByteSize())
        {
            throw new ArgumentException($"The buffer holds {Type}, not elements of {sizeof(T)} bytes.", nameof(T));
        }

        CheckRange(offset, count);
        return new Span<T>(Host + (offset * sizeof(T)), count);
    }

    /// <summary>Bytes as host memory.</summary>
    /// <exception cref="InvalidOperationException">The buffer lies on another device.</exception>
    public Span<byte> Raw(long byteOffset, int count)
    {
        ObjectDisposedException.ThrowIf(_allocation is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, Bytes - count);
        return new Span<byte>(Host + byteOffset, count);
    }

    /// <summary>Copies elements between two buffers of one type, wherever they lie. Done when it returns.</summary>
    /// <remarks>Within one buffer the parts may overlap where the target comes first.</remarks>
    public void CopyTo(long offset, DeviceBuffer target, long targetOffset, long count)
    {
        CheckRange(offset, count);
        target.CheckRange(targetOffset, count);
        int size = Type.ByteSize();
        if (target.Type != Type)
        {
            throw new ArgumentException($"Cannot copy {Type} into a buffer of {target.Type}.", nameof(target));
        }

        if (IsHost && target.IsHost)
        {
            Buffer.MemoryCopy(Host + (offset * size), target.Host + (targetOffset * size), (target.Elements - targetOffset) * size, count * size);
            return;
        }

        var copies = new DeviceCopies();
        long step = target == this && offset > targetOffset ? Math.Min(count, offset - targetOffset) : count;
        for (long done = 0; done < count; done += step)
        {
            copies.Add(this, offset + done, target, targetOffset + done, Math.Min(step, count - done));
            if (step < count)
            {
                copies.Flush();
            }
        }

        copies.Flush();
    }

    /// <summary>Elements widened to single precision.</summary>
    public void ReadSingles(long offset, Span<float> destination)
    {
        if (!IsHost)
        {
            using var host = new DeviceBuffer(Device.Cpu, Type, destination.Length);
            CopyTo(offset, host, 0, destination.Length);
            host.ReadSingles(0, destination);
            return;
        }

        switch (Type)
        {
            case ElementType.Float:
                Span<float>(offset, destination.Length).CopyTo(destination);
                break;
            case ElementType.Float16:
                TensorPrimitives.ConvertToSingle(Span<Half>(offset, destination.Length), destination);
                break;
            case ElementType.BFloat16:
                Bf16Numbers.Widen(Span<ushort>(offset, destination.Length), destination);
                break;
            default:
                throw new InvalidOperationException($"A buffer of {Type} holds no real numbers.");
        }
    }

    /// <summary>Stores single precision values in the buffer's type, rounding to nearest even.</summary>
    public void WriteSingles(long offset, ReadOnlySpan<float> source)
    {
        switch (Type)
        {
            case ElementType.Float:
                source.CopyTo(Span<float>(offset, source.Length));
                break;
            case ElementType.Float16:
                TensorPrimitives.ConvertToHalf(source, Span<Half>(offset, source.Length));
                break;
            case ElementType.BFloat16:
                Span<ushort> target = Span<ushort>(offset, source.Length);
                for (int i = 0; i < source.Length; i++)
                {
                    uint bits = BitConverter.SingleToUInt32Bits(source[i]);
                    target[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
                }

                break;
            default:
                throw new InvalidOperationException($"A buffer of {Type} holds no real numbers.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_allocation is not null)
        {
            _allocation.Dispose();
            _allocation = null;
            Interlocked.Decrement(ref _live);
        }
    }

    private byte* Host => IsHost
        ? (byte*)_allocation!.Pointer
        : throw new InvalidOperationException($"Memory on device '{Device}' cannot be read or written by the host; copy it.");

    /// <summary>What the device did not zero: zeros from the host for the first block, which is then doubled where it lies.</summary>
    private void Zero()
    {
        if (IsHost)
        {
            return;
        }

        long done = Math.Min(Elements, ZeroBlock);
        using var zeros = new DeviceBuffer(Device.Cpu, Type, done);
        zeros.CopyTo(0, this, 0, done);
        while (done < Elements)
        {
            long count = Math.Min(done, Elements - done);
            CopyTo(0, this, done, count);
            done += count;
        }
    }

    private void CheckRange(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(_allocation is null, this);
        if (offset < 0 || count < 0 || offset > Elements - count)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{count} elements from there do not lie within the {Elements} of the buffer.");
        }
    }
}
