using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;
using OnnxLens.Runtime.Rowwise;
using OnnxLens.Tests.Runtime.Products;
using static OnnxLens.Tests.Runtime.Products.ProductSessions;

namespace OnnxLens.Tests.Runtime.Rowwise;

/// <summary>Gates against double precision, and against ONNX Runtime's.</summary>
[TestClass]
[StoredProductsCondition]
public sealed class GatedSiluTests
{
    private const int Columns = 64;

    [TestMethod]
    [DataRow(1, 48)]
    [DataRow(3, 101)]
    [DataRow(700, 101)]
    public void Run_AnyRowsAndThreads_IsExactButForTheLastPlaces(int rows, int outputs)
    {
        (float[] gate, float[] up) = (Weights(outputs, 20), Weights(outputs, 3));
        float[] x = Singles(rows * Columns);
        foreach (int threads in new[] { 1, 2, 5 })
        {
            using InferenceSession session = RowwiseModels.Open(RowwiseModels.Gate(gate, up, Columns), threads, ours: true);
            float[][] results = RowwiseModels.Run(session, ("x", x, [rows, Columns]));
            for (int i = 0; i < results[0].Length; i++)
            {
                double exact = Exact(results[1][i], results[2][i]);
                Assert.AreEqual(exact, results[0][i], 5e-7 * Math.Abs(exact), $"{results[1][i]}, {results[2][i]}, {threads} thread(s)");
            }
        }
    }

    [TestMethod]
    public void Run_Rows_AreOnnxRuntimesWithinRounding()
    {
        (float[] gate, float[] up) = (Weights(96, 20), Weights(96, 3));
        float[] x = Singles(9 * Columns);
        using InferenceSession ours = RowwiseModels.Open(RowwiseModels.Gate(gate, up, Columns), 2, ours: true);
        using InferenceSession theirs = RowwiseModels.Open(RowwiseModels.Gate(gate, up, Columns), 2, ours: false);
        foreach ((float expected, float actual) in RowwiseModels.Run(theirs, ("x", x, [9, Columns]))[0].Zip(RowwiseModels.Run(ours, ("x", x, [9, Columns]))[0]))
        {
            Assert.AreEqual(expected, actual, 1e-5f + (1e-4f * MathF.Abs(expected)));
        }
    }

    /// <summary>What no exponential holds, and what is no number.</summary>
    [TestMethod]
    public void Run_Extremes_AreTheLimits()
    {
        float[] gate = [0, -0f, 1e-30f, -1e-30f, 200, -200, 3e38f, -3e38f, 50, -50, 88, -88, -87, 1, -1, -86, 86];
        float[] up = [.. Enumerable.Repeat(0.5f, gate.Length)];
        float[] y = RunKernel(gate, up);
        for (int i = 0; i < gate.Length; i++)
        {
            double exact = Exact(gate[i], up[i]);
            Assert.AreEqual(exact, y[i], 1e-36 + (5e-7 * Math.Abs(exact)), $"{gate[i]}");
        }

        float[] broken = RunKernel([float.NaN, float.PositiveInfinity, 1], [1, 1, float.NaN]);
        Assert.AreSequenceEqual([float.NaN, float.PositiveInfinity, float.NaN], broken);
    }

    /// <summary>A number has the same bits wherever it stands.</summary>
    [TestMethod]
    public void Run_ANumberAnywhere_HasTheSameBits()
    {
        float[] gate = [.. Singles(40).Select(value => 20 * value)];
        float[] up = Singles(41)[1..];
        float[] y = RunKernel(gate, up);
        for (int i = 0; i < gate.Length; i++)
        {
            AssertSameBits([y[i]], RunKernel([gate[i]], [up[i]]), $"{i}");
        }
    }

    [TestMethod]
    public void Run_ValuesOfAnotherShape_AreRefused()
    {
        OnnxRuntimeException refusal = Assert.ThrowsExactly<OnnxRuntimeException>(() => RunKernel([1, 2, 3], [1]));
        Assert.Contains("A gate [3] was given values [1].", refusal.Message);
    }

    [TestMethod]
    public void Apply_AGateOfTwoProducts_IsOneNode()
    {
        ModelProto model = RowwiseModels.Gate(Weights(48, 1), Weights(48, 1), Columns);
        Assert.IsTrue(StoredProducts.Apply(model, threads: 2));
        Assert.IsTrue(RowwiseNodes.Apply(model, threads: 2));
        Assert.AreSequenceEqual([StoredOperator.TypeName, GatedSiluOperator.TypeName], model.Graph.Node.Select(node => node.OpType));
        Assert.AreSequenceEqual(["gate", "up"], model.Graph.Node[1].Input);
        Assert.AreSequenceEqual(["y"], model.Graph.Node[1].Output);
    }

    [TestMethod]
    [DataRow("the sigmoid is read")]
    [DataRow("silu is an output")]
    [DataRow("another factor")]
    [DataRow("not products of ours")]
    [DataRow("another size")]
    public void Apply_AnythingElse_IsLeft(string what)
    {
        ModelProto model = RowwiseModels.Gate(Weights(48, 1), Weights(what == "another size" ? 2 : 48, 1), Columns);
        GraphProto graph = model.Graph;
        switch (what)
        {
            case "the sigmoid is read":
                graph.Node.Add(new NodeProto { OpType = "Neg", Input = { "sigmoid" }, Output = { "negative" } });
                break;
            case "silu is an output":
                graph.Output.Add(ProductModels.Info("silu"));
                break;
            case "another factor":
                graph.Node.Single(node => node.Output[0] == "silu").Input[0] = "up";
                break;
            default:
                break;
        }

        if (what != "not products of ours")
        {
            StoredProducts.Apply(model, threads: 1);
        }

        Assert.IsFalse(RowwiseNodes.Apply(model, threads: 1));
    }

    private static float[] Weights(int outputs, float scale) => [.. Singles(outputs * Columns).Select(weight => scale * weight)];

    private static double Exact(double gate, double up) => gate / (1 + Math.Exp(-gate)) * up;

    private static float[] RunKernel(float[] gate, float[] up)
    {
        var graph = new GraphBuilder("kernel");
        Value first = graph.Input("gate", ElementType.Float, new TensorShape("n"));
        Value second = graph.Input("up", ElementType.Float, new TensorShape("m"));
        graph.Output(graph.Node("Mul", [first, second], ElementType.Float, new TensorShape("k"), "y"));
        ModelProto model = graph.Build();
        NodeProto node = model.Graph.Node.Single();
        (node.Domain, node.OpType) = (KernelDomain.Name, GatedSiluOperator.TypeName);
        node.Attribute.Add(Attributes.Int(GatedSiluOperator.ThreadsName, 1));
        KernelDomain.Import(model);
        using var options = new SessionOptions();
        KernelDomain.AddTo(options);
        using var session = new InferenceSession(Google.Protobuf.MessageExtensions.ToByteArray(model), options);
        return RowwiseModels.Run(session, ("gate", gate, [gate.Length]), ("up", up, [up.Length]))[0];
    }
}
