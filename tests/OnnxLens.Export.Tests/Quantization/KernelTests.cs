using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Export.Tests.Graphs;
using OnnxLens.Onnx;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Quantization;

/// <summary>ONNX Runtime's kernels read what the quantiser writes: products and rows are those of the weights read back by hand.</summary>
[TestClass]
public sealed class KernelTests
{
    private const int Outputs = 40;

    public static IEnumerable<object[]> Products =>
        from form in Forms.All
        from columns in new[] { 64, 200 }
        from level in new[] { 0, 1 }
        select new object[] { form[0], form[1], form[2], columns, level };

    public static IEnumerable<object[]> Tables => Forms.All.SelectMany(form => new[] { 64, 200 }, (form, columns) => new object[] { form[0], form[1], form[2], columns });

    [TestMethod]
    [DynamicData(nameof(Products))]
    public void MatMulNBits_ExactLevel_IsTheProductInDouble(int bits, int blockSize, bool symmetric, int columns, int level)
    {
        var matrix = new QuantizedMatrix(Values(Outputs * columns, 1), columns, Forms.Of(bits, blockSize, symmetric, level));
        foreach (int rows in new[] { 1, 5 })
        {
            float[] input = Values(rows * columns, 2);
            double[] expected = Product(input, matrix, out double[] magnitudes);
            float[] actual = Multiply(matrix, input, rows);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], actual[i], 1e-4 * magnitudes[i], $"{rows} rows, value {i}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Tables))]
    public void MatMulNBits_FastLevel_IsNearTheProduct(int bits, int blockSize, bool symmetric, int columns)
    {
        var matrix = new QuantizedMatrix(Values(Outputs * columns, 1), columns, Forms.Of(bits, blockSize, symmetric, level: 4));
        float[] input = Values(3 * columns, 2);
        double[] expected = Product(input, matrix, out double[] magnitudes);
        float[] actual = Multiply(matrix, input, 3);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 0.02 * magnitudes[i], $"value {i}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(Tables))]
    public void GatherBlockQuantized_Rows_AreTheWeightsReadBack(int bits, int blockSize, bool symmetric, int columns)
    {
        var matrix = new QuantizedMatrix(Values(Outputs * columns, 1), columns, Forms.Of(bits, blockSize, symmetric));
        long[] ids = [3, 0, Outputs - 1, 3];
        float[] rows = Gather(matrix, ids);
        double[] weights = matrix.Weights();
        int width = matrix.Blocks * blockSize;
        for (int i = 0; i < ids.Length; i++)
        {
            float[] expected = [.. weights.Skip((int)ids[i] * columns).Take(columns).Select(value => (float)value)];
            Closeness.AssertClose<float, float>(expected, rows.AsSpan(i * width, columns), 1e-6, $"row {ids[i]}");
            Assert.IsTrue(rows[((i * width) + columns)..((i + 1) * width)].All(value => value == 0), "padding");
        }
    }

    /// <summary>The product, and the sums of magnitudes that its rounding is relative to.</summary>
    private static double[] Product(float[] input, QuantizedMatrix matrix, out double[] magnitudes)
    {
        double[] weights = matrix.Weights();
        int rows = input.Length / matrix.Columns;
        double[] product = new double[rows * matrix.Rows];
        magnitudes = new double[product.Length];
        for (int i = 0; i < product.Length; i++)
        {
            for (int k = 0; k < matrix.Columns; k++)
            {
                double term = (double)input[(i / matrix.Rows * matrix.Columns) + k] * weights[(i % matrix.Rows * matrix.Columns) + k];
                product[i] += term;
                magnitudes[i] += Math.Abs(term);
            }
        }

        return product;
    }

    private static float[] Multiply(QuantizedMatrix matrix, float[] input, int rows)
    {
        var graph = new GraphBuilder("product");
        Value activations = graph.Input("x", ElementType.Float, new TensorShape("rows", matrix.Columns));
        int blockBytes = matrix.Form.BlockSize * matrix.Form.Bits / 8;
        Value?[] inputs = [activations, .. Parts(graph, matrix, TensorShape.Of(matrix.Rows, matrix.Blocks, blockBytes))];
        graph.Output(graph.Node(
            "com.microsoft:MatMulNBits", inputs, ElementType.Float, new TensorShape("rows", matrix.Rows), "y",
            attributes:
            [
                Attributes.Int("K", matrix.Columns), Attributes.Int("N", matrix.Rows), Attributes.Int("bits", matrix.Form.Bits),
                Attributes.Int("block_size", matrix.Form.BlockSize), Attributes.Int("accuracy_level", matrix.Form.AccuracyLevel),
            ]));
        return Run(graph, matrix, feeds => feeds.Add("x", input, [rows, matrix.Columns]));
    }

    private static float[] Gather(QuantizedMatrix matrix, long[] ids)
    {
        var graph = new GraphBuilder("rows");
        Value indices = graph.Input("ids", ElementType.Int64, new TensorShape("n"));
        int rowBytes = matrix.Data.Length / matrix.Rows;
        Value[] parts = Parts(graph, matrix, TensorShape.Of(matrix.Rows, rowBytes));
        Value?[] inputs = [parts[0], indices, .. parts[1..]];
        graph.Output(graph.Node(
            "com.microsoft:GatherBlockQuantized", inputs, ElementType.Float, new TensorShape("n", matrix.Blocks * matrix.Form.BlockSize), "y",
            attributes:
            [
                Attributes.Int("gather_axis", 0), Attributes.Int("quantize_axis", 1), Attributes.Int("bits", matrix.Form.Bits), Attributes.Int("block_size", matrix.Form.BlockSize),
            ]));
        return Run(graph, matrix, feeds => feeds.Add("ids", ids, [ids.Length]));
    }

    private static Value[] Parts(GraphBuilder graph, QuantizedMatrix matrix, TensorShape dataShape)
    {
        long scales = matrix.Data.Length;
        long zeros = scales + (matrix.Scales.Length * sizeof(float));
        List<Value> parts =
        [
            graph.Weight("data", ElementType.UInt8, dataShape, new ExternalData("w", 0, scales)),
            graph.Weight("scales", ElementType.Float, TensorShape.Of(matrix.Rows, matrix.Blocks), new ExternalData("w", scales, zeros - scales)),
        ];
        if (!matrix.Form.Symmetric)
        {
            parts.Add(graph.Weight("zeros", ElementType.UInt8, TensorShape.Of(matrix.Rows, matrix.ZeroPoints.Length / matrix.Rows), new ExternalData("w", zeros, matrix.ZeroPoints.Length)));
        }

        return [.. parts];
    }

    private static float[] Run(GraphBuilder graph, QuantizedMatrix matrix, Action<Feeds> feed)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["w"], [.. matrix.Data, .. MemoryMarshal.AsBytes(matrix.Scales.AsSpan()), .. matrix.ZeroPoints]);
        using InferenceSession session = GraphRunner.Open(graph.Build(), folder.Path);
        using var feeds = new Feeds();
        feed(feeds);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, feeds.Values, ["y"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}
