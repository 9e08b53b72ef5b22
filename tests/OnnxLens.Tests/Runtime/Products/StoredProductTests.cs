using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Products with weights as they are stored, against sums in the order that is told, and against ONNX Runtime's with the same weights widened.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class StoredProductTests
{
    public TestContext TestContext { get; set; } = null!;

    /// <summary>Sizes that vectors, pairs of outputs, blocks of k, tiles and threads divide, and that they do not.</summary>
    public static IEnumerable<(int Outputs, int Columns)> Sizes =>
        [(1024, 1024), (1003, 1001), (1002, 1000), (3001, 520), (257, 2055), (96, 8192), (17, 40000), (40000, 17), (128, 512), (144, 2080), (16, 8192), (65, 1088), (2, 2080)];

    /// <summary>The same bits for every type that holds the same numbers, for a row alone and among any number, and for any number of threads.</summary>
    [TestMethod]
    [DynamicData(nameof(Sizes))]
    public void Run_AnyRowsAndThreads_SumsInTheOrderThatIsTold(int outputs, int columns)
    {
        const int Most = 34;
        float[] x = Singles(Most * columns);
        foreach (ElementType type in new[] { ElementType.Float16, ElementType.BFloat16 })
        {
            byte[] stored = Stored(type, Singles(outputs * columns));
            float[] weights = Widened(type, stored);
            float[] expected = ReferenceProduct.Of(x, weights, columns);
            foreach (int threads in new[] { 1, 2, 3, 7 })
            {
                using InferenceSession half = Open(type, stored, outputs, columns, threads, asStored: true);
                using InferenceSession single = Open(ElementType.Float, Stored(ElementType.Float, weights), outputs, columns, threads, asStored: true);
                foreach (int rows in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, Most })
                {
                    float[] first = x[..(rows * columns)];
                    AssertSameBits(expected.AsSpan(0, rows * outputs), Run(half, first, [rows, columns], outputs), $"{type}, {threads} thread(s), {rows} row(s)");
                    AssertSameBits(expected.AsSpan(0, rows * outputs), Run(single, first, [rows, columns], outputs), $"fp32, {threads} thread(s), {rows} row(s)");
                }
            }
        }
    }

    /// <summary>A sum that came to −0 stays so, whatever fills up rows and weights.</summary>
    [TestMethod]
    [DataRow(96)]
    [DataRow(1056)]
    [DataRow(100)]
    public void Run_SumsOfNegativeZeros_HaveOneSign(int columns)
    {
        float[] weights = [.. Enumerable.Repeat(1e-30f, 1024 * columns)];
        using InferenceSession stored = Open(ElementType.Float, Stored(ElementType.Float, weights), 1024, columns, threads: 2, asStored: true);
        foreach (int rows in new[] { 1, 2, 5, 9 })
        {
            float[] x = [.. Enumerable.Repeat(-1e-30f, rows * columns)];
            float[] y = Run(stored, x, [rows, columns], 1024);
            AssertSameBits([.. Enumerable.Repeat(-0f, y.Length)], y, $"{rows} row(s)");
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(5)]
    [DataRow(200)]
    public void Run_Rows_AreOnnxRuntimesWithinRounding(int rows)
    {
        const int Size = 1024;
        byte[] weights = Stored(ElementType.Float, Singles(Size * Size));
        float[] x = Singles(rows * Size);
        using InferenceSession stored = Open(ElementType.Float, weights, Size, Size, threads: 2, asStored: true);
        using InferenceSession theirs = Open(ElementType.Float, weights, Size, Size, threads: 2, asStored: false);
        foreach ((float expected, float actual) in Run(theirs, x, [rows, Size], Size).Zip(Run(stored, x, [rows, Size], Size)))
        {
            Assert.AreEqual(expected, actual, 2e-5f); // 1,024 products of at most 1/4.
        }
    }

    [TestMethod]
    [DataRow(ElementType.Float)]
    [DataRow(ElementType.Float16)]
    [DataRow(ElementType.BFloat16)]
    public void Run_MoreDimensions_AreRows(ElementType type)
    {
        using InferenceSession stored = Open(type, Stored(type, Singles(512 * 512)), 512, 512, threads: 1, asStored: true);
        foreach (int rows in new[] { 6, 12 })
        {
            float[] x = Singles(rows * 512);
            float[] flat = Run(stored, x, [rows, 512], 512);
            AssertSameBits(flat, Run(stored, x, [2, rows / 2, 512], 512), $"[2,{rows / 2},512]");
            AssertSameBits(flat, Run(stored, x, [1, 2, 1, rows / 2, 512], 512), $"[1,2,1,{rows / 2},512]");
        }

        float[] one = Singles(512);
        AssertSameBits(Run(stored, one, [1, 512], 512), Run(stored, one, [512], 512), "[512]");
    }

    [TestMethod]
    public void Run_NoRows_GivesNone()
    {
        using InferenceSession stored = OpenBf16();
        Assert.IsEmpty(Run(stored, [], [0, 512], 512));
    }

    /// <summary>Infinities come through as they do with widened weights, and so do the least and the largest numbers.</summary>
    [TestMethod]
    [DataRow(ElementType.BFloat16, 1, (ushort)0x7F80, (ushort)0x7F7F)]
    [DataRow(ElementType.BFloat16, 3, (ushort)0x7F80, (ushort)0x7F7F)]
    [DataRow(ElementType.BFloat16, 9, (ushort)0x7F80, (ushort)0x7F7F)]
    [DataRow(ElementType.Float16, 1, (ushort)0x7C00, (ushort)0x7BFF)]
    [DataRow(ElementType.Float16, 3, (ushort)0x7C00, (ushort)0x7BFF)]
    [DataRow(ElementType.Float16, 9, (ushort)0x7C00, (ushort)0x7BFF)]
    public void Run_ExtremeNumbers_AreThoseOfWidenedWeights(ElementType type, int rows, ushort infinity, ushort largest)
    {
        const int Size = 512;
        byte[] stored = Stored(type, Singles(Size * Size));
        Span<ushort> weights = MemoryMarshal.Cast<byte, ushort>(stored.AsSpan());
        (weights[3], weights[Size + 5], weights[(3 * Size) + 2]) = (infinity, (ushort)(infinity | 0x8000), largest);
        Span<ushort> least = weights.Slice(2 * Size, Size);
        least.Clear();
        (least[1], least[2]) = (0x0001, 0x8003); // Subnormal numbers.
        using InferenceSession half = Open(type, stored, Size, Size, threads: 2, asStored: true);
        using InferenceSession single = Open(ElementType.Float, Stored(ElementType.Float, Widened(type, stored)), Size, Size, threads: 2, asStored: true);
        float[] x = Singles(rows * Size);
        float[] expected = Run(single, x, [rows, Size], Size);
        Assert.IsTrue(float.IsInfinity(expected[0]) && float.IsInfinity(expected[1]) && float.IsFinite(expected[3]));
        Assert.AreNotEqual(0, expected[2]);
        AssertSameBits(expected, Run(half, x, [rows, Size], Size), "extremes");
    }

    [TestMethod]
    public void Run_RowsOfAnotherWidth_SaysSo()
    {
        using InferenceSession stored = OpenBf16();
        OnnxRuntimeException failure = Assert.ThrowsExactly<OnnxRuntimeException>(() => Run(stored, Singles(2 * 100), [2, 100], 512));
        Assert.Contains("Products with weights of 512 columns were given rows [2,100].", failure.Message);
    }

    /// <summary>The head is called by several threads at once.</summary>
    [TestMethod]
    [DataRow(ElementType.Float)]
    [DataRow(ElementType.Float16)]
    [DataRow(ElementType.BFloat16)]
    public void Run_ByThreadsAtOnce_AllAreRight(ElementType type)
    {
        using InferenceSession stored = Open(type, Stored(type, Singles(1024 * 512)), 1024, 512, threads: 2, asStored: true);
        float[][] expected = [.. Enumerable.Range(1, 12).Select(rows => Run(stored, Singles(rows * 512), [rows, 512], 1024))];
        Parallel.For(0, 36, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.CancellationToken }, i =>
        {
            int rows = 1 + (i % expected.Length);
            AssertSameBits(expected[rows - 1], Run(stored, Singles(rows * 512), [rows, 512], 1024), $"{rows} row(s)");
        });
    }

    /// <summary>ONNX Runtime knows a domain once per process; sessions that are made at once must not meet over it.</summary>
    [TestMethod]
    public void Open_ManyAtOnce_AllOpen() =>
        Parallel.For(0, 16, _ => OpenBf16().Dispose());

    private static InferenceSession OpenBf16() => Open(ElementType.BFloat16, Stored(ElementType.BFloat16, Singles(512 * 512)), 512, 512, threads: 1, asStored: true);

    private static InferenceSession Open(ElementType type, byte[] weights, int outputs, int columns, int threads, bool asStored) =>
        ProductSessions.Open(ProductModels.Product(type, weights, outputs, columns), threads, asStored);
}
