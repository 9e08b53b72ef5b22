using System.Runtime.InteropServices;
using System.Text.Json;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.Families;
using OnnxLens.Safetensors;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Reference;

/// <summary>The reference decoder against implementations other than transformers, and against a model that was really trained.</summary>
[TestClass]
public sealed class ReferenceOracleTests
{
    private const double Tolerance = 1e-4;

    [TestMethod]
    public void Run_Stories260K_IsTransformers()
    {
        string folder = SharedData.Require("golden/stories260K-hf");
        ReferenceDecoder decoder = new(CheckpointReader.Read(folder));
        GoldenTensors tensors = new(Path.Combine(folder, "golden.safetensors"));
        foreach ((int index, JsonElement prompt) in ReadJson(Path.Combine(folder, "golden.json")).GetProperty("prompts").EnumerateArray().Index())
        {
            int[] ids = Ids(prompt.GetProperty("ids"));
            int[] greedy = Ids(prompt.GetProperty("greedy_ids"));
            ReferenceRun run = decoder.Run(ids);
            AssertRows(tensors.Singles($"{index}.embed"), run.Rows(Site.ResidPre, 0), $"{index}.embed");
            AssertRows(tensors.Singles($"{index}.logits"), run.Logits, $"{index}.logits");
            List<double> lens = [.. run.Rows(Site.ResidPre, 0).SelectMany(row => Probabilities(decoder, row))];
            for (int layer = 0; layer < decoder.Facts.Layers; layer++)
            {
                AssertRows(tensors.Singles($"{index}.resid_post.{layer}"), run.Rows(Site.ResidPost, layer), $"{index}.resid_post.{layer}");
                lens.AddRange(run.Rows(Site.ResidPost, layer).SelectMany(row => Probabilities(decoder, row)));
            }

            Closeness.AssertClose<float, double>(tensors.Singles($"{index}.lens_probs"), lens.ToArray(), Tolerance, $"{index}.lens_probs");
            Assert.AreSequenceEqual(greedy, decoder.Greedy(ids, greedy.Length).ToArray(), $"prompt {index}");
        }
    }

    [TestMethod]
    public void Run_Stories260K_IsLlama2C()
    {
        ReferenceDecoder decoder = new(CheckpointReader.Read(SharedData.Require("golden/stories260K-hf")));
        string oracle = SharedData.Require("data/golden_logits/oracle/stories260K_llama2c");
        int[] tokens = Ids(ReadJson(Path.Combine(oracle, "manifest.json")).GetProperty("tokens"));
        ReferenceRun run = decoder.Run(tokens);

        IEnumerable<double> residual = Enumerable.Range(0, tokens.Length).SelectMany(position =>
            Enumerable.Range(0, decoder.Facts.Layers).SelectMany(layer => run.Rows(Site.ResidPost, layer)[position]));
        Closeness.AssertClose<float, double>(ReadSingles(Path.Combine(oracle, "residual.f32")), residual.ToArray(), Tolerance, "residual");
        AssertRows(ReadSingles(Path.Combine(oracle, "logits.f32")), run.Logits, "logits");
        Assert.AreSequenceEqual(tokens[1..], decoder.Greedy(tokens[..1], tokens.Length - 1).ToArray());
    }

    [TestMethod]
    public void Run_TinyQwen3_IsLlamaCpp()
    {
        ReferenceDecoder decoder = new(CheckpointReader.Read(SharedData.Require("data/models/mlxd/tiny_qwen3")));
        string oracle = SharedData.Require("data/golden_logits/oracle/tiny_qwen3_llamacpp");
        ReferenceRun run = decoder.Run(Ids(ReadJson(Path.Combine(oracle, "manifest.json")).GetProperty("tokens")));

        // The oracle's weights and activations are small, and its rounding was measured at 1.2e-7.
        const double Fine = 2e-6;
        AssertRows(ReadSingles(Path.Combine(oracle, "inp_embd.f32")), run.Rows(Site.ResidPre, 0), "inp_embd", Fine);
        AssertRows(ReadSingles(Path.Combine(oracle, "l_out-0.f32")), run.Rows(Site.ResidPost, 0), "l_out-0", Fine);
        AssertRows(ReadSingles(Path.Combine(oracle, "l_out-1.f32")), run.Rows(Site.ResidPost, 1), "l_out-1", Fine);
        AssertRows(ReadSingles(Path.Combine(oracle, "result_norm.f32")), run.FinalNorm, "result_norm", Fine);
        AssertRows(ReadSingles(Path.Combine(oracle, "result_output.f32")), run.Logits, "result_output", Fine);
    }

    [TestMethod]
    public void InverseFrequencies_Llama3Scaling_AreThePublishedWavelengths()
    {
        RopeSpec rope = CheckpointReader.Read(SharedData.Require("data/models/mlxd/tiny_llama3")).Architecture.Rope;
        Assert.AreEqual(new RopeSpec(500000, new RopeScaling.Llama3(8, 1, 4, 8192)), rope);

        JsonElement golden = ReadJson(SharedData.Require("data/golden_logits/rope_llama3_wavelength.json"));
        double[] expected = [.. golden.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())];
        double[] inverse = ReferenceRope.InverseFrequencies(rope, 128);

        // The published values have six to nine digits and were computed in single precision: compared relatively.
        double[] ratios = [.. expected.Zip(inverse, (wavelength, frequency) => wavelength * frequency)];
        Closeness.AssertClose<double, double>(Enumerable.Repeat(1.0, expected.Length).ToArray(), ratios, 2e-6, "wavelength · inverse frequency");
    }

    private static double[] Probabilities(ReferenceDecoder decoder, double[] row) =>
        [.. decoder.Lens.Read<double>(row).LogProbs.Select(Math.Exp)];

    private static void AssertRows(float[] expected, IReadOnlyList<double[]> actual, string what, double tolerance = Tolerance) =>
        Closeness.AssertClose<float, double>(expected, actual.SelectMany(row => row).ToArray(), tolerance, what);

    private static int[] Ids(JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];

    private static float[] ReadSingles(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();

    private static JsonElement ReadJson(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
