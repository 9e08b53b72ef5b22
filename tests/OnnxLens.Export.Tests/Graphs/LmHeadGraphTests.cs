using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.Graphs;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;

namespace OnnxLens.Export.Tests.Graphs;

[TestClass]
public sealed class LmHeadGraphTests
{
    private const int Hidden = 24;
    private const int Vocabulary = 5000;

    private static Architecture Head => TinyModel.Everything with
    {
        Facts = TinyModel.Everything.Facts with { Layers = 1, VocabularySize = Vocabulary },
        Windows = [null],
    };

    private static float[] Rows(int rows)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, rows * Hidden).Select(i => (float)((random.NextDouble() - 0.5) * (1 + (i / Hidden))))];
    }

    [TestMethod]
    [DataRow(6, 2, 3, 5)]
    [DataRow(6, 6, 1, 1)]
    [DataRow(12, 1, 2, 40)]
    [DataRow(1, 1, 1, 7)]
    public void Build_RandomRows_EveryReadOutIsItsDefinition(int rows, int groups, int targetsPerRow, int k)
    {
        using TinyModel model = TinyModel.Create(Head);
        using var head = new HeadRunner(model.Checkpoint);
        long[] targets = [.. Enumerable.Range(0, rows * targetsPerRow).Select(i => i * 977L % Vocabulary)];
        long[] finalRows = [.. Enumerable.Range(0, groups).Select(group => (long)((group + 1) * (rows / groups)) - 1)];

        HeadResult result = head.Run(Rows(rows), targets, finalRows, k);

        PlainReadouts[] plain = [.. Enumerable.Range(0, rows).Select(row => new PlainReadouts(result.Logits.AsSpan(row * Vocabulary, Vocabulary)))];
        Assert.AreSequenceEqual(plain.SelectMany(row => row.Top(k)), result.TopIds);
        Numbers.AreClose([.. plain.SelectMany(row => row.Top(k).Select(id => row.Logits[id] - row.LogSumExp))], result.TopLogProbs, 2e-6, "topk_logprobs");
        Numbers.AreClose([.. plain.Select(row => row.LogSumExp)], result.LogSumExp, 2e-6, "logsumexp");
        Numbers.AreClose([.. plain.Select(row => row.Entropy)], result.Entropy, 2e-6, "entropy");
        Numbers.AreClose([.. targets.Select((id, i) => plain[i / targetsPerRow].Logits[id] - plain[i / targetsPerRow].LogSumExp)], result.TargetLogProbs, 3e-6, "target_logprobs");
        Assert.AreSequenceEqual(targets.Select((id, i) => plain[i / targetsPerRow].Rank(id)), result.TargetRanks);
        Numbers.AreClose([.. plain.Select((row, i) => plain[finalRows[i / (rows / groups)]].Divergence(row))], result.Kl, 3e-6, "kl");
        Assert.IsTrue(finalRows.All(row => result.Kl[row] == 0), "a final row has no divergence from itself");
        Assert.AreSequenceEqual(new long[] { rows, k }, result.Shapes[1]);
        Assert.AreSequenceEqual(new long[] { rows, targetsPerRow }, result.Shapes[6]);
        Assert.AreSequenceEqual(new long[] { rows }, result.Shapes[7]);
    }

    [TestMethod]
    public void Build_RandomRows_LogitsAreTheNormedRowsTimesTheUnembedding()
    {
        using TinyModel model = TinyModel.Create(Head);
        using var head = new HeadRunner(model.Checkpoint);
        float[] rows = Rows(2);

        float[] logits = head.Run(rows, [0, 0], [1], 1).Logits;

        var expected = new double[2 * Vocabulary];
        for (int row = 0; row < 2; row++)
        {
            double scale = 1 / Math.Sqrt(rows.Skip(row * Hidden).Take(Hidden).Average(v => (double)v * v) + Head.RmsNormEpsilon);
            for (int id = 0; id < Vocabulary; id++)
            {
                expected[(row * Vocabulary) + id] = Enumerable.Range(0, Hidden).Sum(
                    i => rows[(row * Hidden) + i] * scale * model.Weights[WeightNames.FinalNorm][i] * model.Weights[WeightNames.LmHead][(id * Hidden) + i]);
            }
        }

        Numbers.AreClose(expected, logits, 2e-6, "logits");
    }

    /// <summary>Rows of zeros have equal logits throughout: every place is decided by the lower id.</summary>
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(40)]
    [DataRow(Vocabulary)]
    public void Build_EqualLogits_LowerIdComesFirst(int k)
    {
        using TinyModel model = TinyModel.Create(Head);
        using var head = new HeadRunner(model.Checkpoint);

        HeadResult result = head.Run(new float[3 * Hidden], [0, 7, Vocabulary - 1], [0], k);

        Assert.AreSequenceEqual(Enumerable.Repeat(Enumerable.Range(0, k).Select(id => (long)id), 3).SelectMany(ids => ids), result.TopIds);
        Assert.AreSequenceEqual(new long[] { 0, 7, Vocabulary - 1 }, result.TargetRanks);
        Numbers.AreClose([.. Enumerable.Repeat(Math.Log(Vocabulary), 3)], result.Entropy, 2e-6, "entropy");
    }

    [TestMethod]
    public void Build_TiedEmbedding_ReadsTheEmbeddingsBytes()
    {
        using TinyModel model = TinyModel.Create(Head with { Facts = Head.Facts with { TiedEmbedding = true } });

        ModelProto graph = LmHeadGraph.Build(model.Checkpoint, ElementType.Float, "lm_head.onnx");

        CheckpointTensor embedding = model.Checkpoint.Tensors[WeightNames.Embedding];
        TensorProto weight = graph.Graph.Initializer.Single(tensor => tensor.Name == WeightNames.Embedding);
        Assert.AreEqual(new ExternalData(embedding.File, embedding.Offset, embedding.Bytes), ExternalData.Read(weight));
    }

    [TestMethod]
    public void Build_HalfPrecision_ReadOutsAreSingle()
    {
        using TinyModel model = TinyModel.Create(Head);
        ModelProto graph = LmHeadGraph.Build(model.Checkpoint, ElementType.Float16, "lm_head.onnx");
        using InferenceSession session = GraphRunner.Open(graph, model.Folder);
        using var full = new HeadRunner(model.Checkpoint);
        float[] rows = Rows(1);
        using var feeds = new Feeds();
        feeds.Add(HeadPorts.Hidden, rows.Select(value => (Float16)value).ToArray(), [1, Hidden]);
        feeds.Add(HeadPorts.Targets, new[] { 5L }, [1, 1]);
        feeds.Add(HeadPorts.FinalRows, new[] { 0L }, [1]);
        feeds.Add(HeadPorts.K, new[] { 3L }, [1]);

        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, feeds.Values, [HeadPorts.LogSumExp, HeadPorts.TargetLogProbs]);

        HeadResult expected = full.Run(rows, [5], [0], 3);
        Numbers.AreClose(expected.LogSumExp, results[0].GetTensorDataAsSpan<float>().ToArray(), 0.01, "logsumexp");
        Numbers.AreClose(expected.TargetLogProbs, results[1].GetTensorDataAsSpan<float>().ToArray(), 0.01, "target_logprobs");
    }

    [TestMethod]
    public void Build_AnyHead_ReadsNothingFromItsFolderButTheTwoWeights()
    {
        using TinyModel model = TinyModel.Create(Head);

        ModelProto graph = LmHeadGraph.Build(model.Checkpoint, ElementType.Float, "lm_head.onnx");

        Assert.AreSequenceEqual(
            new[] { WeightNames.LmHead, WeightNames.FinalNorm },
            graph.Graph.Initializer.Where(tensor => ExternalData.Read(tensor) is not null).Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
        Assert.IsLessThan(20_000, graph.CalculateSize());
    }
}
