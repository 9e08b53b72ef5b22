using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using OnnxLens.Onnx;

namespace OnnxLens.Safetensors;

/// <summary>
/// A safetensors file mapped into memory: only what is read comes off the disk. Owns the mapping.
/// </summary>
/// <remarks>
/// Reads may run on several threads at once. The file must not be truncated while it is open: the system ends a
/// process that touches a mapped page which is no longer there.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>Elements per step; keeps every byte span far below 2 GiB.</summary>
    private const int ChunkElements = 1 << 20;

    private readonly string _path;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;

    private SafetensorsFile(string path, SafetensorsHeader header, MemoryMappedFile map)
    {
        _path = path;
        Header = header;
        _map = map;
        _view = map.CreateViewAccessor(0, header.FileBytes, MemoryMappedFileAccess.Read);
    }

    private delegate void Convert<T>(ReadOnlySpan<byte> source, Span<T> destination);

    /// <summary>The header, checked.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file cannot be read, cannot be mapped or breaks the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStream stream = SafetensorsHeader.OpenFile(path);
        MemoryMappedFile? map = null;
        try
        {
            SafetensorsHeader header = SafetensorsHeader.Read(stream, path);
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new SafetensorsFile(path, header, map);
        }
        catch (Exception failure)
        {
            map?.Dispose();
            stream.Dispose();
            if (failure is IOException or UnauthorizedAccessException)
                throw new CheckpointException($"Cannot map '{path}' into memory: {failure.Message} Copy it to a local disk.", failure);
            throw;
        }
    }

    /// <summary>Reads a tensor of floating-point numbers as single precision, row-major.</summary>
    /// <param name="name">The tensor.</param>
    /// <exception cref="CheckpointException">There is no such tensor, it holds no floating-point numbers, or it has more elements than an array.</exception>
    public float[] ReadSingles(string name)
    {
        float[] values = new float[ArrayLength(Find(name))];
        ReadSingles(name, values);
        return values;
    }

    /// <summary>Reads a tensor of floating-point numbers (F32, F16, BF16, F64) as single precision, row-major.</summary>
    /// <remarks>Half types are widened exactly; doubles are rounded to nearest.</remarks>
    /// <param name="name">The tensor.</param>
    /// <param name="destination">As long as the tensor has elements.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is of another length.</exception>
    /// <exception cref="CheckpointException">There is no such tensor, or it holds no floating-point numbers.</exception>
    public void ReadSingles(string name, Span<float> destination)
    {
        SafetensorsEntry entry = Find(name);
        Convert<float> convert = entry.Type switch
        {
            ElementType.Float => (source, target) => source.CopyTo(MemoryMarshal.AsBytes(target)),
            ElementType.Float16 => (source, target) => TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), target),
            ElementType.BFloat16 => WidenBFloat16,
            ElementType.Double => NarrowDouble,
            _ => throw WrongType(entry, "floating-point numbers (F32, F16, BF16, F64)"),
        };
        ReadChunks(entry, destination, convert);
    }

    /// <summary>Reads a tensor of integers (I64, I32) as 64-bit ones, row-major.</summary>
    /// <param name="name">The tensor.</param>
    /// <exception cref="CheckpointException">There is no such tensor, it holds no such integers, or it has more elements than an array.</exception>
    public long[] ReadInt64(string name)
    {
        SafetensorsEntry entry = Find(name);
        Convert<long> convert = entry.Type switch
        {
            ElementType.Int64 => (source, target) => source.CopyTo(MemoryMarshal.AsBytes(target)),
            ElementType.Int32 => WidenInt32,
            _ => throw WrongType(entry, "integers (I64, I32)"),
        };
        long[] values = new long[ArrayLength(entry)];
        ReadChunks<long>(entry, values, convert);
        return values;
    }

    /// <summary>Unmaps and closes the file.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _map.Dispose();
    }

    private unsafe void ReadChunks<T>(SafetensorsEntry entry, Span<T> destination, Convert<T> convert)
    {
        if (destination.Length != entry.Elements)
            throw new ArgumentException($"Tensor '{entry.Name}' has {entry.Elements} elements; the destination has {destination.Length}.", nameof(destination));
        int size = entry.Type.ByteSize();
        byte* start = null;
        ObjectDisposedException.ThrowIf(_view.SafeMemoryMappedViewHandle.IsClosed, this);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        try
        {
            byte* data = start + _view.PointerOffset + entry.Offset;
            for (int done = 0; done < destination.Length; done += ChunkElements)
            {
                int count = Math.Min(ChunkElements, destination.Length - done);
                convert(new ReadOnlySpan<byte>(data + ((long)done * size), count * size), destination.Slice(done, count));
            }
        }
        finally
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    private static void WidenBFloat16(ReadOnlySpan<byte> source, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * i)..]) << 16);
    }

    private static void NarrowDouble(ReadOnlySpan<byte> source, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(source[(8 * i)..]);
    }

    private static void WidenInt32(ReadOnlySpan<byte> source, Span<long> target)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = BinaryPrimitives.ReadInt32LittleEndian(source[(4 * i)..]);
    }

    private SafetensorsEntry Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Header.Tensors.TryGetValue(name, out SafetensorsEntry? entry)
            ? entry
            : throw new CheckpointException($"'{_path}' has no tensor '{name}'. It has {Header.Entries.Length}: {string.Join(", ", Header.Entries.Take(5).Select(other => other.Name))}{(Header.Entries.Length > 5 ? ", …" : "")}. Check the name, or give the file that holds it.");
    }

    private int ArrayLength(SafetensorsEntry entry) => entry.Elements <= Array.MaxLength
        ? (int)entry.Elements
        : throw new CheckpointException($"'{_path}': tensor '{entry.Name}' has {entry.Elements} elements; an array holds at most {Array.MaxLength}. Split the tensor.");

    private CheckpointException WrongType(SafetensorsEntry entry, string expected) =>
        new($"'{_path}': tensor '{entry.Name}' is {SafetensorsTypes.NameOf(entry.Type)}; expected {expected}. Give a file whose tensor has such a type.");
}
