using System.Runtime.CompilerServices;
using OnnxLens.Runtime.Kernels;

namespace OnnxLens.Runtime.Products;

/// <summary>
/// Pairs of outputs, shared out among threads: each takes pieces of its own share, one after the other in the order of memory, and of
/// others' when its own is done, so that none waits for one that began late or is slower.
/// </summary>
internal readonly unsafe struct PairShares
{
    /// <summary>Counters from that of one share to that of the next, so that no two are in one line of the cache.</summary>
    public const int CountersOfShare = 64 / sizeof(long);

    /// <summary>[<see cref="Shares"/> × <see cref="CountersOfShare"/>]: pairs of each share that were taken; at first 0. Borrowed.</summary>
    public required long* Taken { get; init; }

    /// <summary>Shares, one for each thread.</summary>
    public required int Shares { get; init; }

    /// <summary>Pairs of all shares.</summary>
    public required long Pairs { get; init; }

    /// <summary>Pairs of a piece at most.</summary>
    public required int Most { get; init; }

    /// <summary>Pairs of a piece at least, where as many are left.</summary>
    public required int Least { get; init; }

    /// <summary>Takes the next piece of a share. Any number of threads may call it at once.</summary>
    /// <param name="share">The share, from 0.</param>
    /// <param name="from">The first pair.</param>
    /// <param name="to">The pair after the last.</param>
    /// <returns>False where nothing is left of it.</returns>
    [MethodImpl(HotPath.Options)]
    public bool Take(int share, out long from, out long to)
    {
        long start = Pairs * share / Shares;
        long size = (Pairs * (share + 1) / Shares) - start;
        ref long counter = ref Taken[share * CountersOfShare];
        for (long taken = Volatile.Read(ref counter); taken < size;)
        {
            // Smaller towards the end, where all must come to it together; what would be too small goes with the piece before.
            long left = size - taken;
            long piece = Math.Min(left < 2L * Least ? left : left / 2, Most);
            long before = Interlocked.CompareExchange(ref counter, taken + piece, taken);
            if (before == taken)
            {
                from = start + taken;
                to = from + piece;
                return true;
            }

            taken = before;
        }

        from = to = 0;
        return false;
    }
}
