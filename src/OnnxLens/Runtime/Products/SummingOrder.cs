namespace OnnxLens.Runtime.Products;

/// <summary>In which order ONNX Runtime's single-precision product sums several rows, as far as it depends on sizes.</summary>
/// <remarks>
/// Its library of kernels (MLAS, <c>sgemm.cpp</c>) gives each thread a slice of the outputs, in groups of 16, the first ones a group more
/// where they do not divide evenly; and it cuts k into blocks that are summed apart, of 128, and of more where a slice has few outputs.
/// That holds for fewer rows than outputs. Small products take fewer threads.
/// </remarks>
internal static class SummingOrder
{
    /// <summary>Outputs of a group.</summary>
    public const int Group = 16;

    // Outputs of a slice from which on k is cut into the shortest blocks.
    private const int WideSlice = 128;

    // Weights of a thread's slice that lie in the nearer caches once they are widened; with less, threads meet more often than needed.
    private const int SliceWeights = 384 * 1024;

    private const int LeastDepth = 128;
    private const long WorkOfThread = 64 * 1024;
    private const int MostThreads = 16;

    /// <summary>Whether a row times such weights is worth more than one thread; then the weights are worth an operator of ours.</summary>
    public static bool IsLarge(long outputs, long columns) =>
        outputs >= Group && outputs <= int.MaxValue && columns <= int.MaxValue && outputs * columns >= WorkOfThread;

    /// <summary>Whether few rows times such weights take every thread, so that the order is known.</summary>
    public static bool IsKnown(int outputs, int columns, int threads) => (long)outputs * columns >= WorkOfThread * Used(threads);

    /// <summary>After how many k the sum of a group's outputs begins anew. It never falls from one group to the next.</summary>
    public static int Depth(int outputs, int threads, int group)
    {
        int groups = (outputs + Group - 1) / Group;
        (int size, int rest) = Math.DivRem(groups, Math.Min(Used(threads), groups));
        int longer = rest * (size + 1); // Groups of the slices that have one more.
        int first = group < longer ? group / (size + 1) * (size + 1) : longer + ((group - longer) / size * size);
        int slice = Math.Min((group < longer ? size + 1 : size) * Group, outputs - (first * Group));
        int depth = LeastDepth;
        int width = WideSlice;
        while (width > Group && width / 2 >= slice)
        {
            depth *= 2;
            width /= 2;
        }

        return depth;
    }

    /// <summary>Outputs that are multiplied at once with widened weights: as many as the caches hold, and no fewer than keep the order of all of them.</summary>
    public static int SliceOutputs(int columns, int threads) =>
        threads * Math.Max(WideSlice, SliceWeights / Math.Max(columns, 1) / Group * Group);

    private static int Used(int threads) => Math.Min(threads, MostThreads);
}
