using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Safetensors;

namespace OnnxLens.Export.Tests.Graphs;

/// <summary>The graphs of small Hugging Face checkpoints against what transformers computes from them.</summary>
[TestClass]
public sealed class GoldenGraphTests
{
    private const double Tolerance = 1e-4;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("llama-gqa", new[] { 4 })]
    [DataRow("llama-gqa", new[] { 1, 2, 1 })]
    [DataRow("llama31-rope", new[] { 5 })]
    [DataRow("llama-tied", new[] { 4 })]
    [DataRow("llama-sharded", new[] { 3, 3 })]
    [DataRow("qwen3-tied", new[] { 4 })]
    [DataRow("qwen3-untied", new[] { 2, 2 })]
    [DataRow("qwen2-bias", new[] { 4 })]
    [DataRow("llama-headdim8", new[] { 2, 2 })]
    public void Build_HuggingFaceCheckpoint_SitesAndLogitsAreThoseOfTransformers(string name, int[] shards)
    {
        using SafetensorsFile golden = OpenGolden(name, out Checkpoint checkpoint);
        using var runner = new GraphRunner(checkpoint, shards);
        using var head = new HeadRunner(checkpoint);
        long[] tokens = golden.ReadInt64("tokens");

        Dictionary<string, float[]> sites = runner.Run(tokens);

        foreach ((string point, float[] values) in sites) Numbers.AreClose(golden.ReadSingles(point), values, Tolerance, point);
        float[] last = sites[new HookPoint(Site.ResidPost, checkpoint.Architecture.Facts.Layers - 1).ToString()];
        HeadResult result = head.Run(last, tokens, [0], 1);
        Numbers.AreClose(golden.ReadSingles("logits"), result.Logits, Tolerance, "logits");
    }

    [TestMethod]
    [DataRow("llama-gqa")]
    [DataRow("llama31-rope")]
    [DataRow("llama-tied")]
    [DataRow("llama-sharded")]
    [DataRow("qwen3-tied")]
    [DataRow("qwen3-untied")]
    [DataRow("qwen2-bias")]
    [DataRow("llama-headdim8")]
    public void Build_StoredResiduals_LensReadOutsAreThoseOfTransformers(string name)
    {
        using SafetensorsFile golden = OpenGolden(name, out Checkpoint checkpoint);
        using var head = new HeadRunner(checkpoint);
        int layers = checkpoint.Architecture.Facts.Layers;
        int hidden = checkpoint.Architecture.Facts.HiddenSize;
        long[] tokens = golden.ReadInt64("tokens");
        long[] finals = golden.ReadInt64("lens.final_top1_ids");
        int positions = tokens.Length;
        float[][] posts = [.. Enumerable.Range(0, layers).Select(layer => golden.ReadSingles($"resid_post.{layer}"))];

        // Groups are positions, their rows the layers; the golden tensors are [layer, position].
        float[] rows = [.. Cells().SelectMany(cell => posts[cell.Layer].Skip(cell.Position * hidden).Take(hidden))];
        long[] targets = [.. Cells().SelectMany(cell => new[] { cell.Position + 1 < positions ? tokens[cell.Position + 1] : 0, finals[cell.Position] })];
        long[] finalRows = [.. Enumerable.Range(0, positions).Select(position => ((position + 1L) * layers) - 1)];
        HeadResult result = head.Run(rows, targets, finalRows, 10);

        Check("lens.logsumexp", result.LogSumExp);
        Check("lens.entropy", result.Entropy);
        Check("lens.kl_final_lens", result.Kl);
        Check("lens.final_top1_logprob", [.. result.TargetLogProbs.Where((_, i) => i % 2 == 1)]);
        Check("lens.topk_logprobs", result.TopLogProbs, 10);
        CheckIds("lens.topk_ids", result.TopIds, 10);
        CheckIds("lens.final_top1_rank", [.. result.TargetRanks.Where((_, i) => i % 2 == 1)], 1);
        long[] nextRanks = golden.ReadInt64("lens.next_rank");
        Assert.AreSequenceEqual(nextRanks, ByLayer(result.TargetRanks.Where((_, i) => i % 2 == 0).ToArray(), 1, positions - 1));

        IEnumerable<(int Position, int Layer)> Cells() =>
            Enumerable.Range(0, positions).SelectMany(position => Enumerable.Range(0, layers).Select(layer => (position, layer)));

        void Check(string tensor, float[] values, int width = 1) =>
            Numbers.AreClose(golden.ReadSingles(tensor), ByLayer(values, width, positions), 1e-5, tensor);

        void CheckIds(string tensor, long[] values, int width) =>
            Assert.AreSequenceEqual(golden.ReadInt64(tensor), ByLayer(values, width, positions), tensor);

        T[] ByLayer<T>(T[] values, int width, int kept) =>
            [.. Enumerable.Range(0, layers).SelectMany(layer => Enumerable.Range(0, kept).SelectMany(position => values.Skip(((position * layers) + layer) * width).Take(width)))];
    }

    [TestMethod]
    public void Build_RaggedBatch_EachRowIsThatOfTransformers()
    {
        using SafetensorsFile golden = OpenGolden("qwen3-tied", out Checkpoint checkpoint);
        using var runner = new GraphRunner(checkpoint, 4);
        using var head = new HeadRunner(checkpoint);
        long[] tokens = golden.ReadInt64("ragged_tokens");
        int[] lengths = [.. golden.ReadInt64("ragged_lengths").Select(length => (int)length)];
        float[] expected = golden.ReadSingles("ragged_logits");
        int vocabulary = checkpoint.Architecture.Facts.VocabularySize;
        int width = tokens.Length / lengths.Length;

        float[] hidden = runner.Run(tokens, lengths.Length, lengths: lengths)["resid_post.3"];

        float[] logits = head.Run(hidden, tokens, [0], 1).Logits;
        for (int row = 0; row < lengths.Length; row++)
        {
            int from = row * width * vocabulary;
            int to = from + (lengths[row] * vocabulary);
            Numbers.AreClose(expected[from..to], logits[from..to], Tolerance, $"row {row}");
        }
    }

    private SafetensorsFile OpenGolden(string name, out Checkpoint checkpoint)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        string relative = Path.Combine("shared", "golden", "hf", name);
        while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, relative))) folder = folder.Parent;
        if (folder is null) Assert.Inconclusive($"The reference data {relative} is not there.");

        TestContext.WriteLine($"Reference data: {name}");
        string path = Path.Combine(folder.FullName, relative);
        checkpoint = CheckpointReader.Read(Path.Combine(path, "checkpoint"));
        return SafetensorsFile.Open(Path.Combine(path, "golden.safetensors"));
    }
}
