using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Export.RandomCheckpoints;

namespace OnnxLens.Export.Tests.Checkpoints;

/// <summary>config.json: what is filled in, and what is refused.</summary>
[TestClass]
public sealed class ConfigTests
{
    private static readonly RandomCheckpointOptions Small = RandomCheckpointOptions.Tiny with { Layers = 2 };

    [TestMethod]
    [DataRow("hidden_size", "absent")]
    [DataRow("hidden_size", "null")]
    [DataRow("hidden_size", "0")]
    [DataRow("hidden_size", "-64")]
    [DataRow("hidden_size", "64.5")]
    [DataRow("hidden_size", "\"64\"")]
    [DataRow("hidden_size", "99999999999")]
    [DataRow("intermediate_size", "absent")]
    [DataRow("num_hidden_layers", "absent")]
    [DataRow("num_hidden_layers", "2000000000")]
    [DataRow("num_attention_heads", "absent")]
    [DataRow("num_attention_heads", "[4]")]
    [DataRow("num_key_value_heads", "3")]
    [DataRow("num_key_value_heads", "0")]
    [DataRow("head_dim", "-2")]
    [DataRow("vocab_size", "absent")]
    [DataRow("max_position_embeddings", "absent")]
    [DataRow("max_position_embeddings", "true")]
    [DataRow("rms_norm_eps", "absent")]
    [DataRow("rms_norm_eps", "0")]
    [DataRow("rms_norm_eps", "-1e-5")]
    [DataRow("rms_norm_eps", "1e999")]
    [DataRow("tie_word_embeddings", "\"yes\"")]
    [DataRow("attention_bias", "1")]
    [DataRow("mlp_bias", "{}")]
    [DataRow("architectures", "\"LlamaForCausalLM\"")]
    [DataRow("architectures", "[7]")]
    [DataRow("model_type", "\"qwen2\"")]
    [DataRow("model_type", "5")]
    [DataRow("rope_theta", "0")]
    [DataRow("rope_theta", "5000")]
    [DataRow("rope_parameters", "[]")]
    [DataRow("partial_rotary_factor", "2")]
    public void Read_BadField_NamesFileAndField(string field, string json)
    {
        using var fixture = new CheckpointFixture();
        fixture.SetConfig((field, json));

        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => fixture.Read());

        Assert.Contains(field, error.Message);
        Assert.Contains("config.json", error.Message);
    }

    [TestMethod]
    [DataRow("architectures", "[\"GPT2LMHeadModel\"]", "GPT2LMHeadModel")]
    [DataRow("architectures", "[\"LlamaForSequenceClassification\"]", "LlamaForSequenceClassification")]
    [DataRow("hidden_act", "\"gelu\"", "gelu")]
    [DataRow("quantization_config", "{\"quant_method\":\"gptq\"}", "quantization_config")]
    [DataRow("partial_rotary_factor", "0.5", "partial_rotary_factor")]
    [DataRow("head_dim", "15", "head_dim")]
    public void Read_UnbuiltFeature_IsRefusedByName(string field, string json, string named)
    {
        using var fixture = new CheckpointFixture();
        fixture.SetConfig((field, json));

        UnsupportedArchitectureException error = Assert.ThrowsExactly<UnsupportedArchitectureException>(() => fixture.Read());

        Assert.Contains(named, error.Message);
        Assert.Contains("config.json", error.Message);
    }

    [TestMethod]
    [DataRow("rope_parameters")]
    [DataRow("rope_scaling")]
    public void Read_UnbuiltRopeType_IsRefusedByName(string field)
    {
        using var fixture = new CheckpointFixture();
        foreach (string type in (string[])["dynamic", "yarn", "longrope", "su", "mrope", "proportional"])
        {
            fixture.SetConfig((field, $$"""{"rope_type":"{{type}}","factor":2.0}"""));
            UnsupportedArchitectureException error = Assert.ThrowsExactly<UnsupportedArchitectureException>(() => fixture.Read());
            Assert.Contains($"'{type}'", error.Message);
        }
    }

    [TestMethod]
    [DataRow("""{"rope_type":"linear"}""", "factor")]
    [DataRow("""{"rope_type":"linear","factor":0.5}""", "factor")]
    [DataRow("""{"factor":2.0}""", "rope_type")]
    [DataRow("""{"rope_type":"llama3","factor":0,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}""", "factor")]
    [DataRow("""{"rope_type":"llama3","factor":8,"high_freq_factor":4,"original_max_position_embeddings":64}""", "low_freq_factor")]
    [DataRow("""{"rope_type":"llama3","factor":8,"low_freq_factor":0,"high_freq_factor":4,"original_max_position_embeddings":64}""", "low_freq_factor")]
    [DataRow("""{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4,"original_max_position_embeddings":64}""", "high_freq_factor")]
    [DataRow("""{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}""", "original_max_position_embeddings")]
    [DataRow("""{"rope_type":"default","partial_rotary_factor":-1}""", "partial_rotary_factor")]
    public void Read_BadRopeField_NamesFullPath(string json, string named)
    {
        using var fixture = new CheckpointFixture();
        fixture.SetConfig(("rope_parameters", json));

        CheckpointException error = Assert.ThrowsExactly<CheckpointException>(() => fixture.Read());

        Assert.Contains($"'rope_parameters.{named}'", error.Message);
    }

    [TestMethod]
    public void Read_RopeFormsThatContradict_AreRefused()
    {
        using var fixture = new CheckpointFixture();
        fixture.SetConfig(("rope_scaling", """{"type":"linear","factor":2.0}"""));

        Assert.Contains("contradict", Assert.ThrowsExactly<CheckpointException>(() => fixture.Read()).Message);
    }

    [TestMethod]
    public void Read_OldLlamaConfig_TakesDefaults()
    {
        using var fixture = new CheckpointFixture(Small with { KvHeads = 4 });
        Architecture full = fixture.Read().Architecture;

        fixture.SetConfig(
            ("num_key_value_heads", "absent"), ("head_dim", "absent"), ("rope_parameters", "absent"), ("attention_bias", "absent"),
            ("mlp_bias", "absent"), ("hidden_act", "absent"), ("tie_word_embeddings", "absent"), ("architectures", "absent"));

        ArchitectureComparison.AreEqual(full, fixture.Read().Architecture);
    }

    [TestMethod]
    public void Read_LegacyLinearType_IsRead()
    {
        using var fixture = new CheckpointFixture();
        fixture.SetConfig(("rope_parameters", "absent"), ("rope_theta", "500.0"), ("rope_scaling", """{"type":"linear","factor":2.0}"""));

        Assert.AreEqual(new RopeSpec(500, new RopeScaling.Linear(2)), fixture.Read().Architecture.Rope);
    }

    [TestMethod]
    public void Read_NoFamilyNamed_IsRefused()
    {
        using var fixture = new CheckpointFixture();
        fixture.SetConfig(("architectures", "absent"), ("model_type", "absent"));
        Assert.Contains("architectures", Assert.ThrowsExactly<CheckpointException>(() => fixture.Read()).Message);

        fixture.SetConfig(("model_type", "\"gemma\""));
        Assert.Contains("gemma", Assert.ThrowsExactly<UnsupportedArchitectureException>(() => fixture.Read()).Message);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{")]
    [DataRow("[]")]
    [DataRow("null")]
    [DataRow("{\"hidden_size\": NaN}")]
    [DataRow("{\"model_type\": \"\\ud800\"}")]
    public void Read_ConfigIsNoJsonObject_NamesFile(string text)
    {
        using var fixture = new CheckpointFixture();
        File.WriteAllText(fixture["config.json"], text);

        Assert.Contains("config.json", Assert.ThrowsExactly<CheckpointException>(() => fixture.Read()).Message);
    }

    [TestMethod]
    [DataRow("-1")]
    [DataRow("320")]
    [DataRow("[2, \"3\"]")]
    [DataRow("{}")]
    public void Read_BadEndOfSequenceId_NamesGenerationConfig(string json)
    {
        using var fixture = new CheckpointFixture();
        fixture.Set("generation_config.json", ("eos_token_id", json));

        string message = Assert.ThrowsExactly<CheckpointException>(() => fixture.Read()).Message;

        Assert.Contains("generation_config.json", message);
        Assert.Contains("eos_token_id", message);
    }

    [TestMethod]
    public void Read_EndOfSequenceOnlyInConfig_IsTaken()
    {
        using var fixture = new CheckpointFixture();
        fixture.Set("generation_config.json", ("eos_token_id", "absent"));
        fixture.SetConfig(("eos_token_id", "7"));
        CollectionAssert.AreEqual(new[] { 7 }, fixture.Read().Architecture.Facts.EndOfSequenceIds.ToArray());

        File.Delete(fixture["generation_config.json"]);
        fixture.SetConfig(("eos_token_id", "[7, 9, 7]"));
        CollectionAssert.AreEqual(new[] { 7, 9 }, fixture.Read().Architecture.Facts.EndOfSequenceIds.ToArray());
    }

    [TestMethod]
    public void Read_MaxLength_IsBoundedByContext()
    {
        using var fixture = new CheckpointFixture();
        Assert.AreEqual(512, fixture.Read().Architecture.Facts.MaxLength);
        Assert.AreEqual(100, fixture.Read(100).Architecture.Facts.MaxLength);
        Assert.Contains("512", Assert.ThrowsExactly<CheckpointException>(() => fixture.Read(513)).Message);
        Assert.ThrowsExactly<CheckpointException>(() => fixture.Read(0));

        fixture.SetConfig(("max_position_embeddings", "131072"));
        Assert.AreEqual(CheckpointReaderOptions.DefaultMaxLength, fixture.Read().Architecture.Facts.MaxLength);
        Assert.AreEqual(131072, fixture.Read(131072).Architecture.Facts.MaxLength);
    }
}
