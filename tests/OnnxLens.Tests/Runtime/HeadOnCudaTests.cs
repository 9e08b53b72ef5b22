using System.Collections.Immutable;
using System.Runtime.InteropServices;
using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
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

    private static ImmutableDictionary<string, ProbeTensor> Run(LensBundle bundle, ModelProto graph)
    {
        ModelFacts facts = bundle.Manifest.Model;
        float[] hidden = [.. Enumerable.Range(0, Rows * facts.HiddenSize).Select(i => MathF.Sin(i * 0.7f))];
        long[] targets = [.. Enumerable.Range(0, 2 * Rows).Select(i => (long)(i * 37 % facts.VocabularySize))];
        using GraphProbe probe = GraphProbe.Open(graph, bundle.Manifest.Files.ToDictionary(entry => entry.Name, entry => bundle.PathOf(entry.Name)), "lm_head");
        return probe.Run(
            new Dictionary<string, ProbeTensor>
            {
                [HeadPorts.Hidden] = Tensor<float>(ElementType.Float, hidden, Rows, facts.HiddenSize),
                [HeadPorts.Targets] = Tensor<long>(ElementType.Int64, targets, Rows, 2),
                [HeadPorts.FinalRows] = Tensor<long>(ElementType.Int64, [1, 5], 2),
                [HeadPorts.K] = Tensor<long>(ElementType.Int64, [3], 1),
            },
            Outputs);
    }

    private static ProbeTensor Tensor<T>(ElementType type, T[] values, params long[] shape)
        where T : unmanaged =>
        new(type, [.. shape], MemoryMarshal.AsBytes<T>(values).ToArray());
}
