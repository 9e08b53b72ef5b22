using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Rowwise;
using OnnxLens.Tests.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Rowwise;

/// <summary>Norms against sums in the order that is told, and against ONNX Runtime's.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class RmsNormTests
{
    /// <summary>Widths that vectors and sums divide, and that they do not; rows for one thread and for several.</summary>
    [TestMethod]
    [DataRow(1, 3)]
    [DataRow(16, 5)]
    [DataRow(63, 7)]
    [DataRow(64, 2)]
    [DataRow(100, 1201)]
    [DataRow(1024, 1)]
    [DataRow(1024, 130)]
    [DataRow(3001, 40)]
    public void Run_AnyRowsAndThreads_SumsInTheOrderThatIsTold(int width, int rows)
    {
        float[] weights = Singles(width);
        float[] x = Singles(rows * width);
        float[] steering = Singles(width + 1)[1..];
        float[] expected = Reference(x, weights, _ => steering);
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using InferenceSession session = RowwiseModels.Open(RowwiseModels.Norm(weights), threads, ours: true);
            AssertSameBits(expected, RowwiseModels.Run(session, ("x", x, [1, rows, width]), ("steering", steering, [1, 1, width]))[0], $"{threads} thread(s)");
            AssertSameBits(expected.AsSpan(0, width), RowwiseModels.Run(session, ("x", x[..width], [1, 1, width]), ("steering", steering, [1, 1, width]))[0], "a row alone");
        }
    }

    [TestMethod]
    public void Run_Rows_AreOnnxRuntimesWithinRounding()
    {
        float[] weights = Singles(1000);
        float[] x = Singles(5 * 1000);
        (string, float[], long[])[] inputs = [("x", x, [1, 5, 1000]), ("steering", Singles(5000), [1, 5, 1000])];
        using InferenceSession ours = RowwiseModels.Open(RowwiseModels.Norm(weights), 2, ours: true);
        using InferenceSession theirs = RowwiseModels.Open(RowwiseModels.Norm(weights), 2, ours: false);
        foreach ((float expected, float actual) in RowwiseModels.Run(theirs, inputs)[0].Zip(RowwiseModels.Run(ours, inputs)[0]))
        {
            Assert.AreEqual(expected, actual, 2e-6f);
        }
    }

    /// <summary>A steering input has each size of the activation, or 1 for all.</summary>
    [TestMethod]
    [DataRow(1, 1, 1)]
    [DataRow(1, 1, 48)]
    [DataRow(1, 3, 48)]
    [DataRow(2, 1, 48)]
    [DataRow(2, 3, 48)]
    [DataRow(2, 3, 1)]
    [DataRow(2, 1, 1)]
    public void Run_SteeringOfAnySizes_IsAddedWhereItBelongs(int batch, int sequence, int width)
    {
        float[] weights = Singles(48);
        float[] x = Singles(2 * 3 * 48);
        float[] steering = Singles(batch * sequence * width);
        float[] RowOf(int row)
        {
            int first = ((row / 3 % batch * sequence) + (row % 3 % sequence)) * width;
            return width == 1 ? [.. Enumerable.Repeat(steering[first], 48)] : steering[first..(first + width)];
        }

        using InferenceSession session = RowwiseModels.Open(RowwiseModels.Norm(weights), 1, ours: true);
        AssertSameBits(Reference(x, weights, RowOf), RowwiseModels.Run(session, ("x", x, [2, 3, 48]), ("steering", steering, [batch, sequence, width]))[0], "steered");
    }

    [TestMethod]
    public void Run_NothingFed_AddsZero()
    {
        float[] weights = Singles(48);
        float[] x = Singles(2 * 48);
        using InferenceSession session = RowwiseModels.Open(RowwiseModels.Norm(weights), 1, ours: true);
        AssertSameBits(Reference(x, weights, _ => new float[48]), RowwiseModels.Run(session, ("x", x, [1, 2, 48]))[0], "unsteered");
        Assert.IsEmpty(RowwiseModels.Run(session, ("x", [], [1, 0, 48]))[0]);
    }

    [TestMethod]
    [DataRow(1, 2, 48)]
    [DataRow(3, 1, 48)]
    [DataRow(1, 1, 47)]
    public void Run_SteeringOfOtherSizes_IsRefused(int batch, int sequence, int width)
    {
        using InferenceSession session = RowwiseModels.Open(RowwiseModels.Norm(Singles(48)), 1, ours: true);
        OnnxRuntimeException refusal = Assert.ThrowsExactly<OnnxRuntimeException>(
            () => RowwiseModels.Run(session, ("x", Singles(2 * 3 * 48), [2, 3, 48]), ("steering", Singles(batch * sequence * width), [batch, sequence, width])));
        Assert.Contains($"A steering input [{batch},{sequence},{width}] was given to an activation [2,3,48].", refusal.Message);
    }

    [TestMethod]
    public void Apply_ANormAndItsSteering_AreOneNode()
    {
        ModelProto model = RowwiseModels.Norm(Singles(48));
        Assert.IsTrue(RowwiseNodes.Apply(model, threads: 2));
        NodeProto node = model.Graph.Node.Single();
        Assert.AreEqual(RmsNormOperator.TypeName, node.OpType);
        Assert.AreSequenceEqual(["x", "w", "steering"], node.Input);
        Assert.AreSequenceEqual(["y"], node.Output);
    }

    /// <summary>In one node and in two, as where the norm is read by others too, steering gives the same bits.</summary>
    [TestMethod]
    public void Run_ANormThatIsReadToo_HasTheSameBits()
    {
        float[] weights = Singles(100);
        ModelProto two = RowwiseModels.Norm(weights);
        two.Graph.Output.Add(ProductModels.Info("norm"));
        (string, float[], long[])[] inputs = [("x", Singles(700), [1, 7, 100]), ("steering", Singles(700), [1, 7, 100])];
        using InferenceSession together = RowwiseModels.Open(RowwiseModels.Norm(weights), 1, ours: true);
        using InferenceSession apart = RowwiseModels.Open(two, 1, ours: true);
        AssertSameBits(RowwiseModels.Run(apart, inputs)[0], RowwiseModels.Run(together, inputs)[0], "in one node");
    }

    /// <summary>Weights that are stored in 16 bits and widened by the graph.</summary>
    [TestMethod]
    public void Apply_WidenedWeights_AreTaken()
    {
        ModelProto model = RowwiseModels.Norm(Singles(48));
        model.Graph.Initializer.Single(tensor => tensor.Name == "w").Name = "stored";
        model.Graph.Node.Insert(0, new NodeProto { OpType = "Cast", Input = { "stored" }, Output = { "w" }, Attribute = { Attributes.Int("to", (long)ElementType.Float) } });
        Assert.IsTrue(RowwiseNodes.Apply(model, threads: 1));
        Assert.AreSequenceEqual(["Cast", RmsNormOperator.TypeName], model.Graph.Node.Select(node => node.OpType));
        Assert.AreEqual(48, NodeAttributes.Int(model.Graph.Node[1], RmsNormOperator.WidthName));
    }

    /// <summary>Graphs of other programs tell the type of their inputs alone; a norm is the same wherever the model is cut.</summary>
    [TestMethod]
    public void Apply_RowsOfNoDeclaredType_AreTaken()
    {
        ModelProto model = RowwiseModels.Norm(Singles(48));
        model.Graph.ValueInfo.Clear();
        model.Graph.Node[0].Input[0] = "undeclared";
        model.Graph.Node.Insert(0, new NodeProto { OpType = "Identity", Input = { "x" }, Output = { "undeclared" } });
        Assert.IsTrue(RowwiseNodes.Apply(model, threads: 1));
        Assert.AreSequenceEqual(["Identity", RmsNormOperator.TypeName, "Add"], model.Graph.Node.Select(node => node.OpType));
    }

    /// <summary>Where the norm is read by others, or what is added is no steering input, the addition stays.</summary>
    [TestMethod]
    [DataRow("another reader")]
    [DataRow("an output")]
    [DataRow("a constant")]
    [DataRow("without a default")]
    public void Apply_AnyOtherAddition_StaysANode(string what)
    {
        ModelProto model = RowwiseModels.Norm(Singles(48));
        GraphProto graph = model.Graph;
        switch (what)
        {
            case "another reader":
                graph.Node.Add(new NodeProto { OpType = "Neg", Input = { "norm" }, Output = { "negative" } });
                break;
            case "an output":
                graph.Output.Add(ProductModels.Info("norm"));
                break;
            case "a constant":
                graph.Input.Remove(graph.Input.Single(input => input.Name == "steering"));
                break;
            default:
                graph.Initializer.Remove(graph.Initializer.Single(tensor => tensor.Name == "steering"));
                break;
        }

        Assert.IsTrue(RowwiseNodes.Apply(model, threads: 1));
        Assert.AreSequenceEqual([RmsNormOperator.TypeName, "Add"], graph.Node.Take(2).Select(node => node.OpType));
        Assert.AreSequenceEqual(["norm"], graph.Node[0].Output);
    }

    [TestMethod]
    [DataRow("another axis")]
    [DataRow("no epsilon")]
    [DataRow("half precision")]
    [DataRow("half precision that only its source tells")]
    [DataRow("weights that are fed")]
    [DataRow("its inverse too")]
    public void Apply_AnyOtherNorm_IsLeft(string what)
    {
        ModelProto model = RowwiseModels.Norm(Singles(48));
        NodeProto norm = model.Graph.Node[0];
        switch (what)
        {
            case "another axis":
                norm.Attribute[0].I = 1;
                break;
            case "no epsilon":
                norm.Attribute.RemoveAt(1);
                break;
            case "half precision":
                model.Graph.Input[0].Type.TensorType.ElemType = (int)ElementType.Float16;
                break;
            case "half precision that only its source tells":
                model.Graph.Input[0].Type.TensorType.ElemType = (int)ElementType.Float16;
                model.Graph.ValueInfo.Clear();
                norm.Input[0] = "sum";
                model.Graph.Node.Insert(0, new NodeProto { OpType = "Add", Input = { "x", "x" }, Output = { "sum" } });
                break;
            case "weights that are fed":
                model.Graph.Input.Add(ProductModels.Info("w"));
                break;
            default:
                norm.Output.Add("inverse");
                break;
        }

        Assert.IsFalse(RowwiseNodes.Apply(model, threads: 1));
    }

    private static float[] Reference(float[] x, float[] weights, Func<int, float[]> steering)
    {
        int width = weights.Length;
        float[] y = new float[x.Length];
        for (int row = 0; row < x.Length / width; row++)
        {
            ReadOnlySpan<float> values = x.AsSpan(row * width, width);
            float[] sums = new float[64];
            for (int i = 0; i < width; i++)
            {
                sums[i % 64] = MathF.FusedMultiplyAdd(values[i], values[i], sums[i % 64]);
            }

            for (int half = 32; half > 0; half /= 2)
            {
                for (int i = 0; i < half; i++)
                {
                    sums[i] += sums[i + half];
                }
            }

            float inverse = (float)(1 / Math.Sqrt(((double)sums[0] / width) + RowwiseModels.Epsilon));
            float[] added = steering(row);
            for (int i = 0; i < width; i++)
            {
                y[(row * width) + i] = (values[i] * inverse * weights[i]) + added[i];
            }
        }

        return y;
    }
}
