using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Products with quantised weights as they are stored, against sums over the weights read back, and which are changed.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class QuantizedProductTests
{
    public static IEnumerable<object[]> Forms =>
        from bits in new[] { 4, 8 }
        from blockSize in new[] { 32, 64, 256 }
        from hasZeroPoints in new[] { false, true }
        select new object[] { bits, blockSize, hasZeroPoints };

    /// <summary>Sizes that units, blocks, pairs of outputs and threads divide, and that they do not.</summary>
    private static (int Outputs, int Columns)[] Sizes => [(256, 1024), (257, 288), (64, 2144), (201, 1000), (16, 8224)];

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Run_AnyRowsAndThreads_IsTheProductWithWeightsReadBackToTheBit(int bits, int blockSize, bool hasZeroPoints)
    {
        const int Most = 33;
        var form = new QuantizedForm(bits, blockSize, hasZeroPoints);
        foreach ((int outputs, int columns) in Sizes)
        {
            var weights = new QuantizedSample(form, outputs, columns);
            float[] x = Singles(Most * columns);
            float[] expected = ReferenceProduct.Of(x, weights.Weights, columns);
            foreach (int threads in new[] { 1, 2, 7 })
            {
                using InferenceSession session = Open(ProductModels.Quantized(form, weights), threads, asStored: true);
                foreach (int rows in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, Most })
                {
                    AssertSameBits(
                        expected.AsSpan(0, rows * outputs), Run(session, x[..(rows * columns)], [rows, columns], outputs), $"[{outputs},{columns}], {threads} thread(s), {rows} row(s)");
                }
            }
        }
    }

    /// <summary>The same layout is read as ONNX Runtime reads it.</summary>
    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Run_Rows_AreOnnxRuntimesWithinRounding(int bits, int blockSize, bool hasZeroPoints)
    {
        const int Columns = 1000;
        var form = new QuantizedForm(bits, blockSize, hasZeroPoints);
        var weights = new QuantizedSample(form, 96, Columns);
        using InferenceSession stored = Open(ProductModels.Quantized(form, weights), threads: 2, asStored: true);
        using InferenceSession theirs = Open(ProductModels.Quantized(form, weights), threads: 2, asStored: false);
        float largest = weights.Weights.Max(MathF.Abs);
        foreach (int rows in new[] { 1, 6 })
        {
            float[] x = Singles(rows * Columns);
            foreach ((float expected, float actual) in Run(theirs, x, [rows, Columns], 96).Zip(Run(stored, x, [rows, Columns], 96)))
            {
                Assert.AreEqual(expected, actual, largest * 1e-4f);
            }
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Apply_QuantizedWeights_ReadsThemAsStored(bool hasZeroPoints)
    {
        ModelProto model = Sample(new QuantizedForm(4, 64, hasZeroPoints));
        Assert.AreEqual(512, StoredProducts.Weights(new GraphView(model.Graph))["w"]);
        Assert.IsTrue(StoredProducts.Apply(model, threads: 3));
        NodeProto node = model.Graph.Node.Single();
        Assert.AreEqual((KernelDomain.Name, StoredOperator.TypeName), (node.Domain, node.OpType));
        Assert.AreSequenceEqual(hasZeroPoints ? ["x", "w", "scales", "zeros"] : ["x", "w", "scales"], node.Input);
        Assert.AreSequenceEqual(
            [("stored", (long)ElementType.UInt8), ("columns", 512L), ("threads", 3L), ("bits", 4L), ("block_size", 64L), ("zero_points", hasZeroPoints ? 1L : 0L), ("outputs", 256L), ("outputs_1", 0L), ("outputs_2", 0L)],
            node.Attribute.Select(attribute => (attribute.Name, attribute.I)));
    }

    /// <summary>Inputs without a name may stand behind those that are there.</summary>
    [TestMethod]
    [DataRow(false, 3)]
    [DataRow(true, 2)]
    public void Run_InputsWithoutName_AreLeftOut(bool hasZeroPoints, int count)
    {
        var form = new QuantizedForm(4, 32, hasZeroPoints);
        var weights = new QuantizedSample(form, 256, 512);
        ModelProto model = ProductModels.Quantized(form, weights);
        model.Graph.Node.Single().Input.Add(Enumerable.Repeat(string.Empty, count));
        float[] x = Singles(512);
        using InferenceSession session = Open(model, threads: 1, asStored: true);
        AssertSameBits(ReferenceProduct.Of(x, weights.Weights, 512), Run(session, x, [1, 512], 256), "product");
    }

    [TestMethod]
    public void Run_MoreDimensionsAndNone_AreRows()
    {
        using InferenceSession session = Open(Sample(new QuantizedForm(8, 64, HasZeroPoints: false)), threads: 1, asStored: true);
        float[] x = Singles(6 * 512);
        AssertSameBits(Run(session, x, [6, 512], 256), Run(session, x, [2, 3, 512], 256), "[2,3,512]");
        Assert.IsEmpty(Run(session, [], [0, 512], 256));
    }

    /// <summary>What fills up rows and weights must not turn what is no number into one, or a number into none.</summary>
    [TestMethod]
    public void Run_InfiniteScale_IsInTheProductsOfItsOutputOnly()
    {
        const int Columns = 1000;
        var form = new QuantizedForm(4, 64, HasZeroPoints: false);
        var weights = new QuantizedSample(form, 96, Columns);
        weights.Scales[form.Blocks(Columns) - 1] = float.PositiveInfinity;
        using InferenceSession session = Open(ProductModels.Quantized(form, weights), threads: 1, asStored: true);
        foreach (int rows in new[] { 1, 3, 5, 12 })
        {
            float[] y = Run(session, Singles(rows * Columns), [rows, Columns], 96);
            for (int i = 0; i < y.Length; i++)
            {
                Assert.AreEqual(i % 96 != 0, float.IsFinite(y[i]), $"{rows} row(s), {i}");
            }
        }
    }

    [TestMethod]
    [DataRow("blocks of 16")]
    [DataRow("2 bits")]
    [DataRow("small")]
    [DataRow("an unknown attribute")]
    [DataRow("a bias")]
    [DataRow("scales in fp16")]
    [DataRow("zero points in fp32")]
    [DataRow("numbers that are an input")]
    [DataRow("numbers that are computed")]
    [DataRow("too few numbers")]
    [DataRow("too few zero points")]
    [DataRow("no scales")]
    public void Apply_AnythingElse_IsLeftAsItIs(string what)
    {
        ModelProto model = Sample(new QuantizedForm(4, 64, HasZeroPoints: true));
        GraphProto graph = model.Graph;
        NodeProto node = graph.Node.Single();
        switch (what)
        {
            case "blocks of 16":
                node.Attribute.Single(attribute => attribute.Name == "block_size").I = 16;
                break;
            case "2 bits":
                node.Attribute.Single(attribute => attribute.Name == "bits").I = 2;
                break;
            case "small":
                node.Attribute.Single(attribute => attribute.Name == "N").I = 8;
                break;
            case "an unknown attribute":
                node.Attribute.Add(Attributes.Int("weight_layout", 1));
                break;
            case "a bias":
                node.Input.Add([string.Empty, "bias"]);
                break;
            case "scales in fp16":
                graph.Initializer[1].DataType = (int)ElementType.Float16;
                break;
            case "zero points in fp32":
                graph.Initializer[2].DataType = (int)ElementType.Float;
                break;
            case "numbers that are an input":
                graph.Input.Add(ProductModels.Info("w"));
                break;
            case "numbers that are computed":
                node.Input[1] = "x";
                break;
            case "no scales":
                node.Input.RemoveAt(3);
                node.Input.RemoveAt(2);
                break;
            case "too few numbers":
                graph.Initializer[0].Dims[0]--;
                break;
            default:
                graph.Initializer[2].Dims[0]--;
                break;
        }

        ModelProto before = model.Clone();
        Assert.IsFalse(StoredProducts.Apply(model, threads: 1));
        Assert.AreEqual(before, model);
    }

    private static ModelProto Sample(QuantizedForm form) => ProductModels.Quantized(form, new QuantizedSample(form, 256, 512));
}
