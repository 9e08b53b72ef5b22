using System.Collections.Immutable;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;

namespace OnnxLens.Bench.Jobs;

/// <summary>
/// The weights that a decode step reads, in their mapped files: those of the blocks, the final norm and the unembedding. Of the embedding a step
/// reads one row, so that it counts only where it is the unembedding as well. Owns the mappings.
/// </summary>
internal sealed unsafe class MappedWeights : IDisposable
{
    private const long PieceBytes = 4 << 20;
    private const int Streams = 4;

    private readonly List<MemoryMappedViewAccessor> _views = [];
    private readonly ImmutableArray<(nint Address, long Bytes)> _pieces;
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <param name="checkpoint">The checkpoint.</param>
    public MappedWeights(Checkpoint checkpoint)
    {
        Dictionary<string, nint> files = checkpoint.WeightFiles.ToDictionary(file => file, file => Map(Path.Combine(checkpoint.Folder, file)));
        bool tied = checkpoint.Architecture.Facts.TiedEmbedding;
        _pieces =
        [
            .. checkpoint.Tensors.Values.Where(tensor => tied || tensor.Name != WeightNames.Embedding)
                .SelectMany(tensor => Pieces(files[tensor.File] + (nint)tensor.Offset, tensor.Bytes)),
        ];
        Bytes = _pieces.Sum(piece => piece.Bytes);
    }

    /// <summary>Bytes of the weights.</summary>
    public long Bytes { get; }

    /// <summary>Reads every weight once, with as many threads as there are cores.</summary>
    /// <returns>The sum of all 32-bit words modulo 2³², each tensor's last one filled up with zeros: nothing that is not read can be in it.</returns>
    public uint Read()
    {
        uint sum = 0;
        Parallel.For(0, _pieces.Length, _parallel, piece => Interlocked.Add(ref sum, Sum(_pieces[piece].Address, _pieces[piece].Bytes)));
        return sum;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryMappedViewAccessor view in _views)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }
    }

    private static IEnumerable<(nint Address, long Bytes)> Pieces(nint address, long bytes)
    {
        for (long done = 0; done < bytes; done += PieceBytes)
        {
            yield return (address + (nint)done, Math.Min(PieceBytes, bytes - done));
        }
    }

    /// <summary>Several sums at once: one would wait for its own additions before it waited for memory.</summary>
    private static uint Sum(nint address, long bytes)
    {
        byte* next = (byte*)address;
        byte* end = next + bytes;
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (default, default, default, default);
        for (; end - next >= Streams * sizeof(Vector256<uint>); next += Streams * sizeof(Vector256<uint>))
        {
            a += Vector256.Load((uint*)next);
            b += Vector256.Load((uint*)next + Vector256<uint>.Count);
            c += Vector256.Load((uint*)next + (2 * Vector256<uint>.Count));
            d += Vector256.Load((uint*)next + (3 * Vector256<uint>.Count));
        }

        uint sum = Vector256.Sum(a + b + c + d);
        for (; next < end; next += sizeof(uint))
        {
            uint word = 0;
            new ReadOnlySpan<byte>(next, (int)Math.Min(sizeof(uint), end - next)).CopyTo(MemoryMarshal.AsBytes(new Span<uint>(ref word)));
            sum += word;
        }

        return sum;
    }

    private nint Map(string path)
    {
        using var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        MemoryMappedViewAccessor view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _views.Add(view);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        return (nint)start + (nint)view.PointerOffset;
    }
}
