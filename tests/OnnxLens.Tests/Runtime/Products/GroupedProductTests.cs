using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Products;

/// <summary>Products of the same rows are one node, and each has the bits that it has alone.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class GroupedProductTests
{
    private const int Columns = 1088; // A block and a part of one.

    /// <summary>Stands for weights in bf16 that the graph widens.</summary>
    private const int Bf16 = 16;

    private static readonly int[] Sizes = [301, 64, 3, 130];

    /// <summary>Of 4 or 8 bits and block size; of bf16; and of fp32.</summary>
    public static IEnumerable<(int Bits, int BlockSize, bool HasZeroPoints)> Forms => [(0, 0, false), (Bf16, 0, false), (4, 32, false), (4, 64, true), (8, 32, true)];

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void Run_ProductsOfTheSameRows_AreThoseOfEachAlone(int bits, int blockSize, bool hasZeroPoints)
    {
        const int Most = 14;
        (ModelProto Model, float[] Weights)[] products = [.. Sizes.Select(outputs => Product(new QuantizedForm(bits, blockSize, hasZeroPoints), outputs, Columns))];
        float[] x = Singles(Most * Columns);
        float[][] expected = [.. products.Select(product => ReferenceProduct.Of(x, product.Weights, Columns))];
        foreach (int threads in new[] { 1, 2, 5 })
        {
            ModelProto model = ProductModels.Together([.. products.Select(product => product.Model)]);
            using InferenceSession session = Open(model, threads, asStored: true);
            Assert.AreSequenceEqual([3, 1], model.Graph.Node.Select(node => node.Output.Count)); // No cast is left.
            foreach (int rows in new[] { 1, 2, 4, 7, Most })
            {
                float[][] results = RunAll(session, x[..(rows * Columns)], rows);
                for (int i = 0; i < Sizes.Length; i++)
                {
                    AssertSameBits(expected[i].AsSpan(0, rows * Sizes[i]), results[i], $"product {i}, {threads} thread(s), {rows} row(s)");
                }
            }
        }
    }

    [TestMethod]
    public void Run_NoRows_GivesNone()
    {
        using InferenceSession session = Open(ProductModels.Together([.. Sizes.Take(2).Select(outputs => Product(default, outputs, Columns).Model)]), threads: 2, asStored: true);
        foreach (float[] result in RunAll(session, [], 0, outputs: 2))
        {
            Assert.IsEmpty(result);
        }
    }

    [TestMethod]
    [DataRow("other rows")]
    [DataRow("another size")]
    [DataRow("another type")]
    [DataRow("another form")]
    public void Apply_ProductsThatHaveNotAllInCommon_AreNodesOfTheirOwn(string what)
    {
        ModelProto first = Product(new QuantizedForm(4, 32, HasZeroPoints: false), 64, 128).Model;
        ModelProto second = what switch
        {
            "another size" => Product(new QuantizedForm(4, 32, HasZeroPoints: false), 64, 160).Model,
            "another type" => Product(default, 64, 128).Model,
            "another form" => Product(new QuantizedForm(8, 32, HasZeroPoints: false), 64, 128).Model,
            _ => first.Clone(),
        };
        ModelProto model = ProductModels.Together([first, second]);
        if (what == "other rows")
        {
            model.Graph.Input.Add(ProductModels.Info("others"));
            model.Graph.Node[1].Input[0] = "others";
        }

        Assert.IsTrue(StoredProducts.Apply(model, threads: 1));
        Assert.AreSequenceEqual([("y_0", 1), ("y_1", 1)], model.Graph.Node.Select(node => (node.Output[0], node.Output.Count)));
    }

    /// <summary>A node that reads a product stands behind all of them where the first one stood.</summary>
    [TestMethod]
    public void Apply_AReaderBetweenTwoProducts_StaysBehindTheFirst()
    {
        ModelProto model = ProductModels.Together([Product(default, 64, 128).Model, Product(default, 3, 128).Model]);
        model.Graph.Node.Insert(1, new NodeProto { OpType = "Neg", Input = { "y_0" }, Output = { "negative" } });
        Assert.IsTrue(StoredProducts.Apply(model, threads: 1));
        Assert.AreSequenceEqual([StoredOperator.TypeName, "Neg"], model.Graph.Node.Select(node => node.OpType));
        Assert.AreSequenceEqual(["x", "w_0", "", "", "w_1"], model.Graph.Node[0].Input);
        Assert.AreSequenceEqual(["y_0", "y_1"], model.Graph.Node[0].Output);
    }

    private static (ModelProto Model, float[] Weights) Product(QuantizedForm form, int outputs, int columns)
    {
        if (form.Bits == Bf16)
        {
            ushort[] halves = [.. Singles(outputs * columns).Select(weight => (ushort)(BitConverter.SingleToUInt32Bits(weight) >> 16))];
            float[] widened = [.. halves.Select(half => BitConverter.UInt32BitsToSingle((uint)half << 16))];
            return (ProductModels.Product(ElementType.BFloat16, MemoryMarshal.AsBytes(halves.AsSpan()), outputs, columns), widened);
        }

        if (form.Bits > 0)
        {
            var sample = new QuantizedSample(form, outputs, columns);
            return (ProductModels.Quantized(form, sample), sample.Weights);
        }

        float[] weights = Singles(outputs * columns);
        return (ProductModels.Product(ElementType.Float, MemoryMarshal.AsBytes(weights.AsSpan()), outputs, columns), weights);
    }

    private static float[][] RunAll(InferenceSession session, float[] x, int rows, int outputs = 4)
    {
        using var value = OrtValue.CreateTensorValueFromMemory(x, [rows, Columns]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, ["x"], [value], [.. Enumerable.Range(0, outputs).Select(i => $"y_{i}")]);
        return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
    }
}
