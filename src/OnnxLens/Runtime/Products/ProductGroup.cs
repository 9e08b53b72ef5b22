using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>Products of the same rows, which the threads of a session compute together; on the stack of the one that runs them.</summary>
internal unsafe struct ProductGroup
{
    /// <summary>The products, shared out among <see cref="Threads"/>. Borrowed.</summary>
    public ProductJob* Jobs;

    /// <summary>How many there are.</summary>
    public int Count;

    /// <summary>Threads that work.</summary>
    public int Threads;

    /// <summary><see cref="Multiply"/>, for threads of ONNX Runtime.</summary>
    [UnmanagedCallersOnly]
    public static void MultiplyPart(void* group, nuint part) => ((ProductGroup*)group)->Multiply((int)part);

    /// <summary>Computes outputs of all products, until none is left: the thread's share of each, and then what is left of others'.</summary>
    /// <param name="part">The thread's share, and the tile that it uses.</param>
    [MethodImpl(HotPath.Options)]
    public readonly void Multiply(int part)
    {
        for (int i = 0; i < Threads; i++)
        {
            for (int job = 0; job < Count; job++)
            {
                Jobs[job].Multiply(part, (part + i) % Threads);
            }
        }
    }
}
