using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Products;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Products with bf16 weights as they are stored, against ONNX Runtime's with the same weights widened.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class StoredProductTests
{
    private const string Rows = "x";
    private const string Weights = "w";
    private const string Product = "y";

    public TestContext TestContext { get; set; } = null!;

    /// <summary>One row, few rows, and so many that slices are widened; sizes that vectors, groups, blocks of k and slices divide, and that they do not.</summary>
    [TestMethod]
    [DataRow(1024, 1024)]
    [DataRow(2048, 512)]
    [DataRow(1003, 1001)]
    [DataRow(1002, 1000)]
    [DataRow(3001, 520)]
    [DataRow(257, 2055)]
    [DataRow(96, 8192)]
    [DataRow(17, 40000)]
    [DataRow(40000, 17)]
    public void Run_AnyRowsAndThreads_IsTheProductWithWidenedWeightsToTheBit(int outputs, int columns)
    {
        ushort[] weights = Halves(outputs * columns);
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using InferenceSession stored = Open(weights, outputs, columns, threads, asStored: true);
            using InferenceSession widened = Open(weights, outputs, columns, threads, asStored: false);
            foreach (int rows in new[] { 1, 2, 3, 4, 5, 33, 300 })
            {
                float[] x = Singles(rows * columns);
                AssertSameBits(Run(widened, x, [rows, columns], outputs), Run(stored, x, [rows, columns], outputs), $"{threads} thread(s), {rows} row(s)");
            }
        }
    }

    [TestMethod]
    public void Run_MoreDimensions_AreRows()
    {
        ushort[] weights = Halves(512 * 512);
        using InferenceSession stored = Open(weights, 512, 512, threads: 1, asStored: true);
        float[] x = Singles(6 * 512);
        float[] flat = Run(stored, x, [6, 512], 512);
        AssertSameBits(flat, Run(stored, x, [2, 3, 512], 512), "[2,3,512]");
        AssertSameBits(flat, Run(stored, x, [1, 2, 1, 3, 512], 512), "[1,2,1,3,512]");
        AssertSameBits(Run(stored, x[..512], [1, 512], 512), Run(stored, x[..512], [512], 512), "[512]");
    }

    [TestMethod]
    public void Run_NoRows_GivesNone()
    {
        using InferenceSession stored = Open(Halves(512 * 512), 512, 512, threads: 1, asStored: true);
        Assert.IsEmpty(Run(stored, [], [0, 512], 512));
    }

    /// <summary>Infinities and what is not a number come through as they do with widened weights; so do subnormal numbers.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(9)]
    public void Run_ExtremeNumbers_AreThoseOfWidenedWeights(int rows)
    {
        const int Size = 512;
        ushort[] weights = Halves(Size * Size);
        (weights[3], weights[Size + 5], weights[(2 * Size) + 1], weights[(3 * Size) + 2]) = (0x7F80, 0xFF80, 0x0001, 0x7F7F);
        using InferenceSession stored = Open(weights, Size, Size, threads: 2, asStored: true);
        using InferenceSession widened = Open(weights, Size, Size, threads: 2, asStored: false);
        float[] x = Singles(rows * Size);
        float[] expected = Run(widened, x, [rows, Size], Size);
        Assert.IsTrue(float.IsInfinity(expected[0]) && float.IsInfinity(expected[1]));
        AssertSameBits(expected, Run(stored, x, [rows, Size], Size), "extremes");
    }

    [TestMethod]
    public void Run_RowsOfAnotherWidth_SaysSo()
    {
        using InferenceSession stored = Open(Halves(512 * 512), 512, 512, threads: 1, asStored: true);
        OnnxRuntimeException failure = Assert.ThrowsExactly<OnnxRuntimeException>(() => Run(stored, Singles(2 * 100), [2, 100], 512));
        Assert.Contains("A product with weights [512,512] was given rows [2,100].", failure.Message);
    }

    /// <summary>The head is called by several threads at once.</summary>
    [TestMethod]
    public void Run_ByThreadsAtOnce_AllAreRight()
    {
        ushort[] weights = Halves(1024 * 512);
        using InferenceSession stored = Open(weights, 1024, 512, threads: 2, asStored: true);
        Parallel.For(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.CancellationToken }, i =>
        {
            int rows = 1 + (i % 7);
            float[] x = Singles(rows * 512);
            AssertSameBits(Run(stored, x, [rows, 512], 1024), Run(stored, x, [rows, 512], 1024), $"{rows} row(s)");
        });
    }

    /// <summary>ONNX Runtime knows a domain once per process; sessions that are made at once must not meet over it.</summary>
    [TestMethod]
    public void Open_ManyAtOnce_AllOpen() =>
        Parallel.For(0, 16, _ => Open(Halves(512 * 512), 512, 512, threads: 1, asStored: true).Dispose());

    private static InferenceSession Open(ushort[] weights, int outputs, int columns, int threads, bool asStored)
    {
        _ = OnnxLens.Runtime.RuntimeEnvironment.Instance;
        ModelProto model = ProductModels.Product(weights, outputs, columns);
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        options.AddSessionConfigEntry(SessionConfig.DisablePrepacking, "1");
        if (asStored)
        {
            Assert.IsTrue(StoredProducts.Apply(model, threads));
            StoredOperator.AddTo(options);
        }

        return new InferenceSession(model.ToByteArray(), options);
    }

    private static float[] Run(InferenceSession session, float[] x, long[] shape, int outputs)
    {
        using var rows = OrtValue.CreateTensorValueFromMemory(x, shape);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, [Rows], [rows], [Product]);
        Assert.AreSequenceEqual([.. shape[..^1], outputs], results[0].GetTensorTypeAndShape().Shape);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static void AssertSameBits(float[] expected, float[] actual, string what) =>
        Assert.AreSequenceEqual(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray(), what);

    private static float[] Singles(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    private static ushort[] Halves(int count) => [.. Singles(count).Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
}
