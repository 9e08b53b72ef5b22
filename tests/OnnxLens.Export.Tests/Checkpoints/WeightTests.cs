using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Safetensors;
using OnnxLens.Testing;

namespace OnnxLens.Export.Tests.Checkpoints;

/// <summary>Weight files: what is found, and what is refused.</summary>
[TestClass]
public sealed class WeightTests
{
    private const string Weights = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    private static readonly RandomCheckpointOptions Small = RandomCheckpointOptions.Tiny with { Layers = 1 };
    private static readonly RandomCheckpointOptions Sharded = Small with { MaxShardBytes = 100_000 };

    [TestMethod]
    public void Read_FolderMissingOrFileOrEmpty_SaysSo()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["file"], "x");

        Assert.Contains("no folder", Refusal(temp["nowhere"]));
        Assert.Contains("is a file", Refusal(temp["file"]));
        Assert.Contains("config.json", Refusal(temp.Path));
        Assert.Contains("is empty", Refusal(Directory.CreateDirectory(temp["empty"]).FullName));
    }

    [TestMethod]
    public void Read_NoWeights_SaysWhatIsThere()
    {
        using var fixture = new CheckpointFixture(Small);
        File.Delete(fixture[Weights]);
        Assert.Contains("generation_config.json", Refusal(fixture.Folder));

        File.WriteAllText(fixture["pytorch_model.bin"], "x");
        string message = Refusal(fixture.Folder);
        Assert.Contains("pytorch_model.bin", message);
        Assert.Contains("convert", message);
    }

    [TestMethod]
    public void Read_MissingTensors_AreNamedAndCounted()
    {
        using var fixture = new CheckpointFixture(Small);
        fixture.SetConfig(("num_hidden_layers", "2"));

        string message = Refusal(fixture.Folder);

        Assert.Contains("lack 9 tensors", message);
        Assert.Contains("model.layers.1.input_layernorm.weight", message);
        Assert.Contains("and 4 more", message);
    }

    [TestMethod]
    public void Read_ExtraTensor_IsNamed()
    {
        using var fixture = new CheckpointFixture(Small);
        Rewrite(fixture, tensors => tensors.Add(Zeros("model.layers.0.self_attn.q_proj.lora_A", 4)));

        Assert.Contains("lora_A", Refusal(fixture.Folder));
    }

    [TestMethod]
    public void Read_StoredRotaryFrequencies_AreIgnored()
    {
        using var fixture = new CheckpointFixture(Small);
        Rewrite(fixture, tensors => tensors.Add(Zeros("model.layers.0.self_attn.rotary_emb.inv_freq", 8)));

        Assert.HasCount(12, fixture.Read().Tensors);
    }

    [TestMethod]
    public void Read_MisshapenTensor_IsNamedWithBothShapes()
    {
        using var fixture = new CheckpointFixture(Small);
        fixture.SetConfig(("intermediate_size", "128"));

        string message = Refusal(fixture.Folder);

        Assert.Contains("model.layers.0.mlp.gate_proj.weight is [160,64], expected [128,64]", message);
    }

    [TestMethod]
    public void Read_UnreadType_IsNamed()
    {
        using var fixture = new CheckpointFixture(Small);
        Rewrite(fixture, tensors =>
        {
            tensors.RemoveAll(tensor => tensor.Name == WeightNames.FinalNorm);
            tensors.Add(new SafetensorsTensor(WeightNames.FinalNorm, ElementType.Int8, [64], stream => stream.Write(new byte[64])));
        });

        string message = Refusal(fixture.Folder);

        Assert.Contains(WeightNames.FinalNorm, message);
        Assert.Contains("Int8", message);
    }

    [TestMethod]
    public void Read_TypesMixed_MainTypeIsThatOfMostBytes()
    {
        using var fixture = new CheckpointFixture(Small with { WeightType = ElementType.BFloat16 });
        Rewrite(fixture, tensors =>
        {
            tensors.RemoveAll(tensor => tensor.Name == WeightNames.FinalNorm);
            tensors.Add(Zeros(WeightNames.FinalNorm, 64));
        });

        Checkpoint checkpoint = fixture.Read();

        Assert.AreEqual(ElementType.BFloat16, checkpoint.WeightType);
        Assert.AreEqual(ElementType.Float, checkpoint.Tensors[WeightNames.FinalNorm].Type);
    }

    [TestMethod]
    public void Read_HeadMissing_AdvisesToTie()
    {
        using var fixture = new CheckpointFixture(Small with { TiedEmbedding = true });
        fixture.SetConfig(("tie_word_embeddings", "false"));

        Assert.Contains("tie_word_embeddings", Refusal(fixture.Folder));
    }

    [TestMethod]
    public void Read_TiedWithStoredHead_TakesOnlyAnEqualOne()
    {
        using var fixture = new CheckpointFixture(Small with { TiedEmbedding = true });
        byte[] embedding = Bytes(fixture, WeightNames.Embedding);
        Rewrite(fixture, tensors => tensors.Add(new SafetensorsTensor(WeightNames.LmHead, ElementType.Float, [320, 64], stream => stream.Write(embedding))));
        Assert.IsFalse(fixture.Read().Tensors.ContainsKey(WeightNames.LmHead));

        embedding[^1] ^= 1;
        Rewrite(fixture, tensors =>
        {
            tensors.RemoveAll(tensor => tensor.Name == WeightNames.LmHead);
            tensors.Add(new SafetensorsTensor(WeightNames.LmHead, ElementType.Float, [320, 64], stream => stream.Write(embedding)));
        });
        Assert.Contains("tie_word_embeddings", Refusal(fixture.Folder));
    }

    [TestMethod]
    [DataRow("../model.safetensors")]
    [DataRow("sub/model.safetensors")]
    [DataRow("sub\\\\model.safetensors")]
    [DataRow("/etc/passwd")]
    [DataRow("C:model.safetensors")]
    [DataRow("model.bin")]
    [DataRow("")]
    public void Read_IndexWithUnsafeFileName_IsRefused(string file)
    {
        using var fixture = new CheckpointFixture(Sharded);
        fixture.Set(Index, ("weight_map", $$"""{"model.norm.weight":"{{file}}"}"""));

        Assert.Contains("weight_map.model.norm.weight", Refusal(fixture.Folder));
    }

    [TestMethod]
    [DataRow("absent")]
    [DataRow("{}")]
    [DataRow("[]")]
    [DataRow("""{"model.norm.weight":3}""")]
    [DataRow("""{"model.norm.weight":null}""")]
    public void Read_IndexWithoutMap_IsRefused(string map)
    {
        using var fixture = new CheckpointFixture(Sharded);
        fixture.Set(Index, ("weight_map", map));

        Assert.Contains("weight_map", Refusal(fixture.Folder));
    }

    [TestMethod]
    public void Read_ShardMissing_IsNamed()
    {
        using var fixture = new CheckpointFixture(Sharded);
        string shard = Directory.EnumerateFiles(fixture.Folder, "*.safetensors").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).First();
        File.Delete(fixture[shard]);

        Assert.Contains(shard, Refusal(fixture.Folder));
    }

    [TestMethod]
    public void Read_IndexAndShardsContradict_NamesTensor()
    {
        using var fixture = new CheckpointFixture(Sharded);
        string[] shards = [.. Directory.EnumerateFiles(fixture.Folder, "*.safetensors").Order(StringComparer.Ordinal)];
        Assert.IsGreaterThan(1, shards.Length);
        byte[] first = File.ReadAllBytes(shards[0]);
        File.WriteAllBytes(shards[0], File.ReadAllBytes(shards[1]));
        File.WriteAllBytes(shards[1], first);

        string message = Refusal(fixture.Folder);

        Assert.Contains("contradict", message);
        Assert.Contains(WeightNames.Embedding, message);
    }

    [TestMethod]
    public void Read_TruncatedWeights_IsRefused()
    {
        using var fixture = new CheckpointFixture(Small);
        using (FileStream stream = File.OpenWrite(fixture[Weights]))
        {
            stream.SetLength(stream.Length - 4);
        }

        Assert.Contains(Weights, Refusal(fixture.Folder));
    }

    private static string Refusal(string folder) =>
        Assert.ThrowsExactly<CheckpointException>(() => CheckpointReader.Read(folder)).Message;

    private static SafetensorsTensor Zeros(string name, int count) =>
        new(name, ElementType.Float, [count], stream => stream.Write(new byte[count * 4]));

    private static byte[] Bytes(CheckpointFixture fixture, string name)
    {
        SafetensorsEntry entry = SafetensorsHeader.Read(fixture[Weights]).Tensors[name];
        return File.ReadAllBytes(fixture[Weights])[(int)entry.Offset..(int)(entry.Offset + entry.Bytes)];
    }

    private static void Rewrite(CheckpointFixture fixture, Action<List<SafetensorsTensor>> change)
    {
        byte[] file = File.ReadAllBytes(fixture[Weights]);
        List<SafetensorsTensor> tensors =
        [
            .. SafetensorsHeader.Read(fixture[Weights]).Entries.Select(entry => new SafetensorsTensor(
                entry.Name, entry.Type, entry.Shape, stream => stream.Write(file.AsSpan((int)entry.Offset, (int)entry.Bytes)))),
        ];
        change(tensors);
        SafetensorsWriter.Write(fixture[Weights], tensors);
    }
}
