using OnnxLens.Export.RandomCheckpoints;

namespace OnnxLens.Export.Tests.Checkpoints;

/// <summary>Sliding windows, by the rules of transformers' config classes.</summary>
[TestClass]
public sealed class WindowTests
{
    private static readonly RandomCheckpointOptions Small = RandomCheckpointOptions.Tiny with { Layers = 3 };

    [TestMethod]
    [DataRow("16", "16,16,16")]
    [DataRow("null", ",,")]
    [DataRow("absent", "4096,4096,4096")]
    public void Read_Mistral_HasOneWindowForEveryLayer(string window, string expected)
    {
        using var fixture = new CheckpointFixture(Small with { Family = "mistral", Window = 8 });
        fixture.SetConfig(("sliding_window", window));

        Assert.AreEqual(expected, string.Join(',', fixture.Read().Architecture.Windows));
    }

    [TestMethod]
    [DataRow("true", "8", "1", "absent", ",8,8")]
    [DataRow("true", "8", "absent", "absent", ",,")]
    [DataRow("true", "null", "0", "absent", ",,")]
    [DataRow("false", "8", "0", "absent", ",,")]
    [DataRow("absent", "8", "0", "absent", ",,")]
    [DataRow("true", "8", "0", "[\"sliding_attention\",\"full_attention\",\"sliding_attention\"]", "8,,8")]
    public void Read_Qwen_HasWindowByLayer(string use, string window, string first, string types, string expected)
    {
        foreach (string family in (string[])["qwen2", "qwen3"])
        {
            using var fixture = new CheckpointFixture(Small with { Family = family });
            fixture.SetConfig(("use_sliding_window", use), ("sliding_window", window), ("max_window_layers", first), ("layer_types", types));

            Assert.AreEqual(expected, string.Join(',', fixture.Read().Architecture.Windows));
        }
    }

    [TestMethod]
    public void Read_Llama_HasNoWindow()
    {
        using var fixture = new CheckpointFixture(Small);
        fixture.SetConfig(("sliding_window", "8"));

        Assert.IsTrue(fixture.Read().Architecture.Windows.All(window => window is null));
    }

    [TestMethod]
    [DataRow("[\"full_attention\"]")]
    [DataRow("[\"sliding_attention\",\"sliding_attention\",\"sliding_attention\"]")]
    public void Read_LayerTypesThatContradict_AreRefused(string types)
    {
        using var fixture = new CheckpointFixture(Small with { Family = "qwen3" });
        fixture.SetConfig(("layer_types", types));

        Assert.Contains("layer_types", Assert.ThrowsExactly<CheckpointException>(() => fixture.Read()).Message);
    }

    [TestMethod]
    [DataRow("qwen3", "[\"full_attention\",\"linear_attention\",\"full_attention\"]")]
    [DataRow("mistral", "[\"full_attention\",\"sliding_attention\",\"full_attention\"]")]
    public void Read_LayerTypesThatAreNotBuilt_AreRefused(string family, string types)
    {
        using var fixture = new CheckpointFixture(Small with { Family = family });
        fixture.SetConfig(("layer_types", types));

        Assert.Contains("layer_types", Assert.ThrowsExactly<UnsupportedArchitectureException>(() => fixture.Read()).Message);
    }

    [TestMethod]
    public void Read_BadWindow_IsRefused()
    {
        using var fixture = new CheckpointFixture(Small with { Family = "mistral" });
        fixture.SetConfig(("sliding_window", "0"));

        Assert.Contains("sliding_window", Assert.ThrowsExactly<CheckpointException>(() => fixture.Read()).Message);
    }

    [TestMethod]
    [DataRow("qwen2")]
    [DataRow("qwen3")]
    [DataRow("mistral")]
    public void Read_KvHeadsMissing_IsRefusedWhereDefaultIsNotHeads(string family)
    {
        using var fixture = new CheckpointFixture(Small with { Family = family });
        fixture.SetConfig(("num_key_value_heads", "absent"));

        Assert.Contains("num_key_value_heads", Assert.ThrowsExactly<CheckpointException>(() => fixture.Read()).Message);
    }
}
