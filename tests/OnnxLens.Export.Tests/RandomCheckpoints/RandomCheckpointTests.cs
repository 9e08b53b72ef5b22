using System.Security.Cryptography;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.RandomCheckpoints;

[TestClass]
public sealed class RandomCheckpointTests
{
    private static readonly RandomCheckpointOptions Tiny = RandomCheckpointOptions.Tiny;

    public static IEnumerable<(string Name, RandomCheckpointOptions Options)> Cases =>
    [
        ("llama", Tiny),
        ("llama tied bf16", Tiny with { TiedEmbedding = true, WeightType = ElementType.BFloat16 }),
        ("llama biases", Tiny with { AttentionBias = true, MlpBias = true, HeadDim = 24 }),
        ("llama3", Tiny with { Rope = new(500_000, new RopeScaling.Llama3(8, 1, 4, 64)), WeightType = ElementType.Float16 }),
        ("llama linear", Tiny with { Rope = new(10_000, new RopeScaling.Linear(2)) }),
        ("qwen2", Tiny with { Family = "qwen2", TiedEmbedding = true }),
        ("qwen2 window", Tiny with { Family = "qwen2", Window = 6, FirstWindowedLayer = 2 }),
        ("qwen3", Tiny with { Family = "qwen3", HeadDim = 32, AttentionBias = true }),
        ("mistral", Tiny with { Family = "mistral", Window = 5, EndOfSequenceIds = [3, 4] }),
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Write_EveryFamily_ReadsBackAsAsked(string name, RandomCheckpointOptions options)
    {
        using var temp = new TempFolder();
        RandomCheckpoint.Write(temp.Path, options);

        Checkpoint checkpoint = CheckpointReader.Read(temp.Path);

        Architecture architecture = checkpoint.Architecture;
        ModelFacts facts = architecture.Facts;
        Assert.AreEqual(options.Family, facts.Family, name);
        Assert.AreEqual(options.WeightType, checkpoint.WeightType);
        Assert.AreEqual(options.HeadDim ?? 16, facts.HeadDim);
        Assert.AreEqual(options.TiedEmbedding, facts.TiedEmbedding);
        Assert.AreEqual(options.Rope, architecture.Rope);
        Assert.AreEqual(options.Family == "qwen3", architecture.QkNorm);
        Assert.AreEqual(options.AttentionBias || options.Family == "qwen2", architecture.QkvBias);
        Assert.AreEqual(options.AttentionBias, architecture.AttentionOutBias);
        Assert.AreEqual(options.MlpBias, architecture.MlpBias);
        CollectionAssert.AreEqual(options.EndOfSequenceIds.ToArray(), facts.EndOfSequenceIds.ToArray());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 4).Select(layer => layer >= options.FirstWindowedLayer ? options.Window : null).ToArray(),
            architecture.Windows.ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Write_EveryFamily_GivesLogitsThatAreNotDegenerate(string name, RandomCheckpointOptions options)
    {
        using var temp = new TempFolder();
        RandomCheckpoint.Write(temp.Path, options);
        int[] tokens = [.. Enumerable.Range(0, 24).Select(index => index * 37 % 320)];

        ReferenceRun run = new ReferenceDecoder(CheckpointReader.Read(temp.Path)).Run(tokens);

        double deviation = Math.Sqrt(run.Logits.Average(row => row.Average(logit => logit * logit)));
        int[] winners = [.. run.Logits.Select(row => Array.IndexOf(row, row.Max()))];
        Assert.IsGreaterThan(1.2, deviation, name);
        Assert.IsLessThan(3.0, deviation, name);
        Assert.IsGreaterThan(12, winners.Distinct().Count(), name);
        Assert.IsLessThan(8, winners.Zip(tokens).Count(pair => pair.First == pair.Second), name);
    }

    [TestMethod]
    public void Write_SameOptions_GivesSameBytes()
    {
        using var temp = new TempFolder();
        RandomCheckpoint.Write(temp["a"], Tiny);
        RandomCheckpoint.Write(temp["b"], Tiny);
        RandomCheckpoint.Write(temp["c"], Tiny with { Seed = 2 });

        CollectionAssert.AreEqual(File.ReadAllBytes(temp["a/model.safetensors"]), File.ReadAllBytes(temp["b/model.safetensors"]));
        CollectionAssert.AreEqual(File.ReadAllBytes(temp["a/config.json"]), File.ReadAllBytes(temp["b/config.json"]));
        CollectionAssert.AreNotEqual(File.ReadAllBytes(temp["a/model.safetensors"]), File.ReadAllBytes(temp["c/model.safetensors"]));
    }

    [TestMethod]
    public void Write_Tiny_GivesKnownBytes()
    {
        using var temp = new TempFolder();
        RandomCheckpoint.Write(temp.Path, Tiny);

        using SafetensorsFile file = SafetensorsFile.Open(temp["model.safetensors"]);
        float[] embedding = file.ReadSingles(WeightNames.Embedding);

        Assert.AreEqual(KnownEmbedding, Convert.ToHexStringLower(SHA256.HashData(embedding.SelectMany(BitConverter.GetBytes).ToArray())));
    }

    [TestMethod]
    public void Write_InShards_HoldsTheSameWeights()
    {
        using var temp = new TempFolder();
        RandomCheckpoint.Write(temp["one"], Tiny);
        RandomCheckpoint.Write(temp["many"], Tiny with { MaxShardBytes = 200_000 });

        Checkpoint one = CheckpointReader.Read(temp["one"]);
        Checkpoint many = CheckpointReader.Read(temp["many"]);

        Assert.IsGreaterThan(2, many.WeightFiles.Length);
        Assert.IsTrue(many.WeightFiles.All(file => new FileInfo(Path.Combine(many.Folder, file)).Length < 210_000));
        foreach (string name in one.Tensors.Keys)
        {
            CollectionAssert.AreEqual(Values(one, name), Values(many, name), name);
        }
    }

    [TestMethod]
    public void Write_FolderNotEmpty_IsRefused()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["precious.txt"], "x");

        Assert.Contains("not empty", Assert.ThrowsExactly<OutputException>(() => RandomCheckpoint.Write(temp.Path)).Message);
        Assert.HasCount(1, Directory.GetFiles(temp.Path));
    }

    [TestMethod]
    public void Validate_OptionsThatContradict_Throw()
    {
        RandomCheckpointOptions[] bad =
        [
            Tiny with { Layers = 0 },
            Tiny with { KvHeads = 3 },
            Tiny with { Heads = 3, KvHeads = 3 },
            Tiny with { HeadDim = 15 },
            Tiny with { Window = 4 },
            Tiny with { Family = "mistral", AttentionBias = true },
            Tiny with { Family = "qwen3", MlpBias = true },
            Tiny with { Family = "mistral", FirstWindowedLayer = 1 },
            Tiny with { WeightType = ElementType.Int8 },
            Tiny with { MaxShardBytes = 0 },
        ];
        foreach (RandomCheckpointOptions options in bad)
        {
            Assert.ThrowsExactly<ArgumentException>(options.Validate, options.ToString());
        }

        Assert.ThrowsExactly<UnsupportedArchitectureException>((Tiny with { Family = "gpt2" }).Validate);
    }

    [TestMethod]
    public void Medium_IsTheModelOfTheMeasurements()
    {
        RandomCheckpointOptions.Medium.Validate();
        Assert.AreEqual((16, 1024, 3072, 16, 4, 32_000), (
            RandomCheckpointOptions.Medium.Layers,
            RandomCheckpointOptions.Medium.HiddenSize,
            RandomCheckpointOptions.Medium.IntermediateSize,
            RandomCheckpointOptions.Medium.Heads,
            RandomCheckpointOptions.Medium.KvHeads,
            RandomCheckpointOptions.Medium.VocabularySize));
    }

    // Computed by an independent implementation of the generator and the scaling.
    private const string KnownEmbedding = "adaee9721388ba1b80d2029d1ee1d36f1d051c8b16f151ede2cc8bd811e7dce2";

    private static float[] Values(Checkpoint checkpoint, string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(checkpoint.Folder, checkpoint.Tensors[name].File));
        return file.ReadSingles(name);
    }
}
