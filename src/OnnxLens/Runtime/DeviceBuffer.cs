using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;

namespace OnnxLens.Runtime;

/// <summary>
/// A block of memory on one device, given to ONNX Runtime in slices. Owns the memory; every <see cref="OrtValue"/>
/// made from it borrows and must be disposed, and out of use, before it.
/// </summary>
/// <remarks>Starts as zeros on the CPU. Pages that are never written are not committed.</remarks>
internal sealed unsafe class DeviceBuffer : IDisposable
{
    private static int _live;

    private readonly OrtMemoryInfo _memory;
    private byte* _pointer;

    /// <summary>Allocates.</summary>
    /// <exception cref="InferenceException">The device is not one that this build can allocate on, or has not so much memory.</exception>
    public DeviceBuffer(Device device, ElementType type, long elements)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elements, 1);
        if (device.Kind != DeviceKind.Cpu)
        {
            throw new InferenceException($"No memory can be allocated on device '{device}' in this build.", "(placement)");
        }

        Type = type;
        Elements = elements;
        _memory = OrtMemoryInfo.DefaultInstance;
        try
        {
            _pointer = (byte*)NativeMemory.AllocZeroed(checked((nuint)elements), (nuint)type.ByteSize());
        }
        catch (OutOfMemoryException exception)
        {
            throw new InferenceException(
                $"{elements * type.ByteSize() >> 20} MiB of memory are not to be had on device '{device}'. Run a shorter sequence, or capture fewer sites or layers.", "(memory)", null, exception);
        }

        Interlocked.Increment(ref _live);
    }

    /// <summary>Buffers of the process that were made and not disposed.</summary>
    public static int LiveCount => Volatile.Read(ref _live);

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
            _memory, Type.ToOrt(), shape, (nint)(_pointer + (offset * size)), count * size);
    }

    /// <summary>Elements as host memory.</summary>
    public Span<T> Span<T>(long offset, int count)
        where T : unmanaged
    {
        if (sizeof(T) != Type.ByteSize())
        {
            throw new ArgumentException($"The buffer holds {Type}, not elements of {sizeof(T)} bytes.", nameof(T));
        }

        CheckRange(offset, count);
        return new Span<T>(_pointer + (offset * sizeof(T)), count);
    }

    /// <summary>Bytes as host memory.</summary>
    public Span<byte> Raw(long byteOffset, int count)
    {
        ObjectDisposedException.ThrowIf(_pointer is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, Bytes - count);
        return new Span<byte>(_pointer + byteOffset, count);
    }

    /// <summary>Copies elements between two buffers of one type.</summary>
    public void CopyTo(long offset, DeviceBuffer target, long targetOffset, long count)
    {
        CheckRange(offset, count);
        target.CheckRange(targetOffset, count);
        int size = Type.ByteSize();
        if (target.Type != Type)
        {
            throw new ArgumentException($"Cannot copy {Type} into a buffer of {target.Type}.", nameof(target));
        }

        Buffer.MemoryCopy(_pointer + (offset * size), target._pointer + (targetOffset * size), (target.Elements - targetOffset) * size, count * size);
    }

    /// <summary>Elements widened to single precision.</summary>
    public void ReadSingles(long offset, Span<float> destination)
    {
        switch (Type)
        {
            case ElementType.Float:
                Span<float>(offset, destination.Length).CopyTo(destination);
                break;
            case ElementType.Float16:
                TensorPrimitives.ConvertToSingle(Span<Half>(offset, destination.Length), destination);
                break;
            case ElementType.BFloat16:
                ReadOnlySpan<ushort> source = Span<ushort>(offset, destination.Length);
                for (int i = 0; i < source.Length; i++)
                {
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
                }

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
        if (_pointer is not null)
        {
            NativeMemory.Free(_pointer);
            _pointer = null;
            Interlocked.Decrement(ref _live);
        }
    }

    private void CheckRange(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(_pointer is null, this);
        if (offset < 0 || count < 0 || offset > Elements - count)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{count} elements from there do not lie within the {Elements} of the buffer.");
        }
    }
}
