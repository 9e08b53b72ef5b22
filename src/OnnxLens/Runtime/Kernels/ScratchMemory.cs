using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxLens.Runtime.Kernels;

/// <summary>Memory that a kernel needs while it runs. What is in it is not told.</summary>
/// <remarks>
/// Each thread keeps one block for the next kernel: memory that goes back to the system with every kernel of a step comes anew page by page,
/// which can take longer than the kernel. Blocks for long prompts are not kept.
/// </remarks>
internal readonly unsafe ref struct ScratchMemory
{
    private const nuint Alignment = 64;
    private const nuint MostKept = 8 << 20;

    [ThreadStatic]
    private static Block? _kept;

    private readonly Block? _block;

    /// <summary>Takes memory. Disposing gives it back.</summary>
    /// <param name="elements">Numbers in single precision; 0 takes none.</param>
    [MethodImpl(HotPath.Options)]
    public ScratchMemory(long elements)
    {
        if (elements == 0)
        {
            return;
        }

        nuint bytes = (nuint)elements * sizeof(float);
        if (_kept is { } kept && kept.Bytes >= bytes)
        {
            _kept = null;
            _block = kept;
            return;
        }

        _block = new Block(bytes);
    }

    /// <summary>The first number, aligned to 64 bytes; null where none was taken.</summary>
    public float* First => _block is null ? null : _block.First;

    /// <summary>Gives the memory back.</summary>
    [MethodImpl(HotPath.Options)]
    public void Dispose()
    {
        if (_block is not null && _block.Bytes <= MostKept && !(_kept?.Bytes >= _block.Bytes))
        {
            _kept?.Dispose();
            _kept = _block;
        }
        else
        {
            _block?.Dispose();
        }
    }

    /// <summary>A block, freed with the thread that keeps it.</summary>
    private sealed class Block : IDisposable
    {
        /// <param name="bytes">Bytes that it has room for.</param>
        public Block(nuint bytes)
        {
            Bytes = bytes;
            First = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        }

        ~Block() => NativeMemory.AlignedFree(First);

        public nuint Bytes { get; }

        public float* First { get; private set; }

        public void Dispose()
        {
            NativeMemory.AlignedFree(First);
            First = null;
            GC.SuppressFinalize(this);
        }
    }
}
