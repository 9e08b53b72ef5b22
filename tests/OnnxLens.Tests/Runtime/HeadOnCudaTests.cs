using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Head;
using OnnxLens.Runtime.Sessions;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

[TestClass]
public sealed class HeadOnCudaTests
{
    private const int Rows = 6;

    private static readonly string[] Outputs =
    [
        HeadPorts.Logits, HeadPorts.TopIds, HeadPorts.TopLogProbs, HeadPorts.LogSumExp, HeadPorts.Entropy, HeadPorts.TargetLogProbs, HeadPorts.TargetRanks, HeadPorts.Kl,
    ];

    /// <summary>What the edit puts in place runs on the CPU too, so that it can be held without a device.</summary>
    [TestMethod]
    public void Apply_EveryReadout_KeepsItsBits()
    {
        using LensModel model = TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1);
        LensBundle bundle = model.Bundle;
        string file = bundle.Manifest.Head.File;
        ModelProto plain = OnnxModelFile.Parse(bundle.Graph(file), file);
        ModelProto edited = plain.Clone();
        HeadOnCuda.Apply(edited);
        Assert.IsFalse(edited.Graph.Node.Any(node => node.OpType is "MatMulInteger" or "ReduceMax"));
        Assert.IsTrue(plain.Graph.Node.Any(node => node.OpType == "MatMulInteger"));
        Assert.IsTrue(plain.Graph.Node.Any(node => node.OpType == "ReduceMax"));

        ImmutableDictionary<string, ProbeTensor> expected = Run(bundle, plain);
        ImmutableDictionary<string, ProbeTensor> actual = Run(bundle, edited);
        foreach (string output in Outputs)
        {
            Assert.AreSequenceEqual(expected[output].Data.ToArray(), actual[output].Data.ToArray(), output);
        }
    }

    /// <summary>On the CPU the graph's read-outs are left out of the session, and the logits read by the library instead. Elsewhere they are run.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Decode_InTheGraphOrOutsideIt_ReadsTheSame(bool inGraph)
    {
        using LensModel model = TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1);
        string file = model.Bundle.Manifest.Head.File;
        ImmutableDictionary<string, ProbeTensor> expected = Run(model.Bundle, OnnxModelFile.Parse(model.Bundle.Graph(file), file));
        using var rows = new DeviceBuffer(Device.Cpu, ElementType.Float, Rows * model.Facts.HiddenSize);
        rows.WriteSingles(0, Hidden(model.Facts));

        using var head = new LmHeadSession(new SessionFactory(model.Bundle, default(SessionSettings) with { Optimise = true }), model.Bundle.Manifest, Device.Cpu, long.MaxValue, inGraph);
        float[] logits = new float[Rows * model.Facts.VocabularySize];
        head.ReadLogits(rows, Rows, logits, CancellationToken.None);
        Targets(model.Facts).CopyTo(head.Targets(topK: 3, targetCount: 2));
        for (int row = 0; row < Rows; row++)
        {
            head.Stage(row, rows, row);
        }

        HeadReadouts actual = head.Decode(Rows, groups: 2, finalOfGroup: 2, CancellationToken.None);

        Closeness.AssertClose<float, float>(Of<float>(HeadPorts.Logits), logits, 2e-6, "logits"); // Of ONNX Runtime's own product.
        Assert.AreSequenceEqual(Of<long>(HeadPorts.TopIds), actual.TopIds[..(3 * Rows)].ToArray());
        Assert.AreSequenceEqual(Of<long>(HeadPorts.TargetRanks), actual.TargetRanks[..(2 * Rows)].ToArray());
        Closeness.AssertClose<float, float>(Of<float>(HeadPorts.TopLogProbs), actual.TopLogProbs[..(3 * Rows)], 2e-6, "top log-probabilities");
        Closeness.AssertClose<float, float>(Of<float>(HeadPorts.TargetLogProbs), actual.TargetLogProbs[..(2 * Rows)], 2e-6, "target log-probabilities");
        Closeness.AssertClose<float, float>(Of<float>(HeadPorts.LogSumExp), actual.LogSumExp[..Rows], 2e-6, "log-sum-exp");
        Closeness.AssertClose<float, float>(Of<float>(HeadPorts.Entropy), actual.Entropy[..Rows], 2e-6, "entropy");
        Closeness.AssertClose<float, float>(Of<float>(HeadPorts.Kl), actual.Kl[..Rows], 3e-6, "KL");

        T[] Of<T>(string port)
            where T : unmanaged => MemoryMarshal.Cast<byte, T>(expected[port].Data.ToArray()).ToArray();
    }

    private static float[] Hidden(ModelFacts facts) => [.. Enumerable.Range(0, Rows * facts.HiddenSize).Select(i => MathF.Sin(i * 0.7f))];

    private static long[] Targets(ModelFacts facts) => [.. Enumerable.Range(0, 2 * Rows).Select(i => (long)(i * 37 % facts.VocabularySize))];

    private static ImmutableDictionary<string, ProbeTensor> Run(LensBundle bundle, ModelProto graph)
    {
        ModelFacts facts = bundle.Manifest.Model;
        using GraphProbe probe = GraphProbe.Open(graph, bundle.Manifest.Files.ToDictionary(entry => entry.Name, entry => bundle.PathOf(entry.Name)), "lm_head");
        return probe.Run(
            new Dictionary<string, ProbeTensor>
            {
                [HeadPorts.Hidden] = Tensor<float>(ElementType.Float, Hidden(facts), Rows, facts.HiddenSize),
                [HeadPorts.Targets] = Tensor<long>(ElementType.Int64, Targets(facts), Rows, 2),
                [HeadPorts.FinalRows] = Tensor<long>(ElementType.Int64, [2, 5], 2),
                [HeadPorts.K] = Tensor<long>(ElementType.Int64, [3], 1),
            },
            Outputs);
    }

    private static ProbeTensor Tensor<T>(ElementType type, T[] values, params long[] shape)
        where T : unmanaged =>
        new(type, [.. shape], MemoryMarshal.AsBytes<T>(values).ToArray());
}
