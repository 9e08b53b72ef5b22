using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime.Kernels;
using OnnxLens.Runtime.Products;
using OnnxLens.Runtime.Rowwise;

namespace OnnxLens.Tests.Runtime.Rowwise;

/// <summary>Graphs of a norm and of a gate, as an export writes them, and sessions of them.</summary>
internal static class RowwiseModels
{
    public const float Epsilon = 1e-5f;

    /// <summary>y = norm(x) · weights + steering, x fp32 [batch,sequence,H].</summary>
    public static ModelProto Norm(float[] weights)
    {
        var graph = new GraphBuilder("norm");
        var shape = new TensorShape("batch", "sequence", weights.Length);
        Value x = graph.Input("x", ElementType.Float, shape);
        Value norm = graph.Node(
            "SimplifiedLayerNormalization",
            [x, graph.Input("w", ElementType.Float, TensorShape.Of(weights.Length))],
            ElementType.Float,
            shape,
            "norm",
            attributes: [Attributes.Int("axis", -1), Attributes.Float("epsilon", Epsilon), Attributes.Int("stash_type", 1)]);
        Value steering = graph.OptionalInput("steering", ElementType.Float, new TensorShape("b", "s", "h"));
        graph.Output(graph.Node("Add", [norm, steering], ElementType.Float, shape, "y"));
        return WithWeights(graph.Build(), ("w", weights, [weights.Length]));
    }

    /// <summary>y = silu(x · gateᵀ) · (x · upᵀ), x fp32 [rows,K], both weights [N,K]; the products are outputs too.</summary>
    public static ModelProto Gate(float[] gate, float[] up, int columns)
    {
        var graph = new GraphBuilder("gate");
        var shape = new TensorShape("rows", gate.Length / columns);
        Value x = graph.Input("x", ElementType.Float, new TensorShape("rows", columns));
        Value Product(string name, float[] weights) => graph.Node(
            "com.microsoft:FusedMatMul",
            [x, graph.Input(name + ".weight", ElementType.Float, TensorShape.Of(weights.Length / columns, columns))],
            ElementType.Float,
            new TensorShape("rows", weights.Length / columns),
            name,
            name + "/FusedMatMul",
            Attributes.Int("transB", 1));
        (Value gated, Value raised) = (Product("gate", gate), Product("up", up));
        Value sigmoid = graph.Node("Sigmoid", [gated], ElementType.Float, shape, "sigmoid");
        Value silu = graph.Node("Mul", [gated, sigmoid], ElementType.Float, shape, "silu", "silu/Mul");
        graph.Output(graph.Node("Mul", [silu, raised], ElementType.Float, shape, "y"));
        graph.Output(gated);
        graph.Output(raised);
        return WithWeights(graph.Build(), ("gate.weight", gate, [gate.Length / columns, columns]), ("up.weight", up, [up.Length / columns, columns]));
    }

    /// <summary>Loads a graph. The caller disposes the session.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="threads">Threads of the session.</param>
    /// <param name="ours">True has it computed by operators of ours, false by ONNX Runtime's.</param>
    public static InferenceSession Open(ModelProto model, int threads, bool ours)
    {
        _ = OnnxLens.Runtime.RuntimeEnvironment.Instance;
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        if (ours)
        {
            StoredProducts.Apply(model, threads);
            Assert.IsTrue(RowwiseNodes.Apply(model, threads));
            KernelDomain.AddTo(options);
        }

        return new InferenceSession(model.ToByteArray(), options);
    }

    /// <summary>Runs a session and gives its outputs.</summary>
    public static float[][] Run(InferenceSession session, params (string Name, float[] Values, long[] Shape)[] inputs)
    {
        OrtValue[] values = [.. inputs.Select(input => OrtValue.CreateTensorValueFromMemory(input.Values, input.Shape))];
        try
        {
            using var options = new RunOptions();
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, [.. inputs.Select(input => input.Name)], values, session.OutputNames);
            return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];
        }
        finally
        {
            foreach (OrtValue value in values)
            {
                value.Dispose();
            }
        }
    }

    /// <summary>Makes constants of inputs.</summary>
    private static ModelProto WithWeights(ModelProto model, params ReadOnlySpan<(string Name, float[] Values, long[] Shape)> weights)
    {
        foreach ((string name, float[] values, long[] shape) in weights)
        {
            model.Graph.Input.Remove(model.Graph.Input.Single(input => input.Name == name));
            model.Graph.Initializer.Add(new TensorProto
            {
                Name = name,
                DataType = (int)ElementType.Float,
                Dims = { shape },
                RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
            });
        }

        return model;
    }
}
