using System.Runtime.CompilerServices;

namespace OnnxLens.Runtime.Products;

/// <summary>
/// Pairs of outputs, shared out among threads: each takes pieces of its own stretch, one after the other in the order of memory, and of
/// others' when its own is done, so that none waits for one that began late or is slower.
/// </summary>
internal unsafe struct PairShares
{
    /// <summary>Counters apart, so that a line of the cache has one.</summary>
    public const int CountersOfShare = 64 / sizeof(long);

    /// <summary>[<see cref="Shares"/> × <see cref="CountersOfShare"/>]: pairs of each share that were taken; at first 0.</summary>
    public long* Taken;

    /// <summary>Threads.</summary>
    public int Shares;

    /// <summary>All pairs.</summary>
    public long Pairs;

    /// <summary>Pairs of a piece at most.</summary>
    public int Most;

    /// <summary>Pairs of a piece at least, but for the last of a share.</summary>
    public int Least;

    /// <summary>Takes the next piece. Any number of threads may call it at once.</summary>
    /// <param name="share">The share that the caller begins with and stays with; moved on when nothing is left of it.</param>
    /// <param name="first">The share that it began with.</param>
    /// <param name="from">The first pair.</param>
    /// <param name="to">The pair after the last.</param>
    /// <returns>False where nothing is left of any.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly bool Take(ref int share, int first, out long from, out long to)
    {
        do
        {
            long start = Pairs * share / Shares;
            long size = (Pairs * (share + 1) / Shares) - start;
            ref long counter = ref Taken[share * CountersOfShare];
            for (long taken = Volatile.Read(ref counter); taken < size;)
            {
                // Smaller towards the end, where all must come to it together.
                long piece = Math.Min(size - taken, Math.Clamp((size - taken) / 2, Least, Most));
                long before = Interlocked.CompareExchange(ref counter, taken + piece, taken);
                if (before == taken)
                {
                    from = start + taken;
                    to = from + piece;
                    return true;
                }

                taken = before;
            }

            share = (share + 1) % Shares;
        }
        while (share != first);

        from = to = 0;
        return false;
    }
}
