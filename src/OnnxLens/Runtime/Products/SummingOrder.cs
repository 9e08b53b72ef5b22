namespace OnnxLens.Runtime.Products;

/// <summary>In which order ONNX Runtime's single-precision product sums, as far as it depends on sizes.</summary>
/// <remarks>
/// Its library of kernels (MLAS, <c>sgemm.cpp</c>) gives each thread a slice of the outputs, and cuts k into blocks that are summed apart:
/// of 128, and of more where a slice has few outputs. Small products take fewer threads; they are not worth widening in registers.
/// </remarks>
internal static class SummingOrder
{
    // Outputs of a slice from which on k is cut into the shortest blocks.
    private const int WideSlice = 128;

    // Weights of a thread's slice that lie in the nearer caches once they are widened; with less, threads meet more often than needed.
    private const int SliceWeights = 384 * 1024;

    private const int LeastDepth = 128;
    private const int NarrowestSlice = 16;
    private const int SliceMultiple = 16;
    private const long WorkOfThread = 64 * 1024;
    private const int MostThreads = 16;

    /// <summary>Whether a row times such weights takes every thread, so that the order is known.</summary>
    public static bool IsLarge(long outputs, long columns, int threads) =>
        outputs >= FewRows.Outputs && outputs <= int.MaxValue && columns <= int.MaxValue && outputs * columns >= WorkOfThread * Used(threads);

    /// <summary>After how many k the sum begins anew.</summary>
    public static int Depth(int outputs, int threads)
    {
        int slices = (outputs + SliceMultiple - 1) / SliceMultiple;
        int slice = Math.Min(outputs, (slices + Used(threads) - 1) / Used(threads) * SliceMultiple);
        int depth = LeastDepth;
        int width = WideSlice;
        while (width > NarrowestSlice && width / 2 >= slice)
        {
            depth *= 2;
            width /= 2;
        }

        return depth;
    }

    /// <summary>Outputs that are multiplied at once with widened weights: as many as the caches hold, and no fewer than keep the order of all of them.</summary>
    public static int SliceOutputs(int columns, int threads) =>
        threads * Math.Max(WideSlice, SliceWeights / Math.Max(columns, 1) / SliceMultiple * SliceMultiple);

    private static int Used(int threads) => Math.Min(threads, MostThreads);
}
