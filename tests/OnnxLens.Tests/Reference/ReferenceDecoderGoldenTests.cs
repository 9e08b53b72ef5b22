using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Reference;

/// <summary>The reference decoder against what Hugging Face transformers computed in fp32.</summary>
[TestClass]
public sealed class ReferenceDecoderGoldenTests
{
    private const double Tolerance = 1e-4;

    [TestMethod]
    public void Names_SharedFolder_AreAllOfIt()
    {
        string folder = SharedData.Require("golden/hf");
        string[] found = [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        Assert.AreSequenceEqual(found, GoldenCases.Names.Order(StringComparer.Ordinal).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Run_EverySite_IsTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        ReferenceRun run = golden.Reference.Run(golden.Tokens);
        foreach (Site site in Sites.All)
        {
            for (int layer = 0; layer < golden.Reference.Facts.Layers; layer++)
            {
                HookPoint point = new(site, layer);
                AssertRows(golden.Tensors.Rows(point.ToString()), run.Rows(site, layer), $"{name} {point}");
            }
        }

        AssertRows(golden.Tensors.Rows("final_norm"), run.FinalNorm, $"{name} final norm");
        AssertRows(golden.Tensors.Rows("logits"), run.Logits, $"{name} logits");
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Extend_TokenByToken_IsTheWholePromptAtOnce(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        ReferenceRun whole = golden.Reference.Run(golden.Tokens);
        ReferenceRun grown = golden.Reference.Run(golden.Tokens[..1]);
        foreach (int token in golden.Tokens[1..])
        {
            golden.Reference.Extend(grown, [token]);
        }

        for (int position = 0; position < golden.Tokens.Length; position++)
        {
            Assert.AreSequenceEqual(whole.Logits[position], grown.Logits[position]);
        }
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Greedy_Prompt_IsTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        int[] expected = golden.Tensors.Ids("greedy_ids");
        Assert.AreSequenceEqual(expected, golden.Reference.Greedy(golden.Tokens, expected.Length).ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Greedy_ShorterPrompts_AreTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        int[] lengths = golden.Tensors.Ids("ragged_lengths");
        int[][] prompts = [.. golden.Tensors.Ids("ragged_tokens").Chunk(checked((int)golden.Tensors.Shape("ragged_tokens")[1]))];
        int[][] expected = [.. golden.Tensors.Ids("ragged_greedy").Chunk(checked((int)golden.Tensors.Shape("ragged_greedy")[1]))];
        float[][] logits = golden.Tensors.Rows("ragged_logits");
        for (int row = 0; row < lengths.Length; row++)
        {
            int[] prompt = prompts[row][..lengths[row]];
            int first = row * prompts[row].Length;
            AssertRows(logits[first..(first + prompt.Length)], golden.Reference.Run(prompt).Logits, $"{name} row {row}");
            Assert.AreSequenceEqual(expected[row], golden.Reference.Greedy(prompt, expected[row].Length).ToArray());
        }
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Run_Steered_IsTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        int last = golden.Tokens.Length - 1;
        int passes = 0;
        foreach (GoldenSteering steered in golden.Steered())
        {
            ReferenceRun all = golden.Reference.Run(golden.Tokens, ReferenceSteering.Add(steered.Point, golden.SteeringVector, steered.Multiplier));
            AssertRows(steered.LogitsAll, all.Logits, $"{name} {steered.Point} × {steered.Multiplier}, every position");

            ReferenceRun one = golden.Reference.Run(golden.Tokens, ReferenceSteering.Add(steered.Point, golden.SteeringVector, steered.Multiplier, [last]));
            AssertRows(steered.LogitsLast, [.. one.Logits.TakeLast(2)], $"{name} {steered.Point} × {steered.Multiplier}, last position");
            passes++;
        }

        Assert.AreEqual(12, passes);
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Greedy_Steered_IsTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        (HookPoint point, double multiplier) = golden.SteeredGreedy;
        AssertGreedy("steer.greedy_all", default);
        AssertGreedy("steer.greedy_last", [golden.Tokens.Length - 1]);

        void AssertGreedy(string tensor, ImmutableArray<int> positions)
        {
            int[] expected = golden.Tensors.Ids(tensor);
            ReferenceSteering steering = ReferenceSteering.Add(point, golden.SteeringVector, multiplier, positions);
            Assert.AreSequenceEqual(expected, golden.Reference.Greedy(golden.Tokens, expected.Length, steering).ToArray(), tensor);
        }
    }

    [TestMethod]
    [DataRow("llama-gqa")]
    [DataRow("qwen3-tied")]
    public void Run_Operators_AreTransformers(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        HookPoint point = new(Site.MlpIn, 1);
        AssertOperator("op.ablate", ReferenceSteering.Ablate(point, golden.SteeringVector));
        AssertOperator("op.norm_preserving", ReferenceSteering.AddKeepingNorm(point, golden.SteeringVector));

        void AssertOperator(string tensor, ReferenceSteering steering)
        {
            ReferenceRun run = golden.Reference.Run(golden.Tokens, steering);
            AssertRows(golden.Tensors.Rows($"{tensor}.mlp_in"), run.Rows(point.Site, point.Layer), $"{name} {tensor} mlp_in");
            AssertRows(golden.Tensors.Rows($"{tensor}.logits"), run.Logits, $"{name} {tensor} logits");
        }
    }

    [TestMethod]
    public void Run_TwoHundredTokens_IsTransformers()
    {
        string[] cases = [.. GoldenCases.Names.Where(name => GoldenCases.Require(name).Tensors.Has("long_tokens"))];
        Assert.Contains("llama31-rope", cases);
        foreach (string name in cases)
        {
            GoldenCase golden = GoldenCases.Require(name);
            int[] tokens = golden.Tensors.Ids("long_tokens");
            ReferenceRun run = golden.Reference.Run(tokens);
            AssertRows(golden.Tensors.Rows("long_logits"), run.Logits, $"{name} long logits");
            AssertRows(golden.Tensors.Rows("long_resid_post"), run.Rows(Site.ResidPost, golden.Reference.Facts.Layers - 1), $"{name} long resid_post");
        }
    }

    private static void AssertRows(float[][] expected, IReadOnlyList<double[]> actual, string what)
    {
        Assert.HasCount(expected.Length, actual, what);
        for (int row = 0; row < expected.Length; row++)
        {
            Closeness.AssertClose<float, double>(expected[row], actual[row], Tolerance, $"{what}, row {row}");
        }
    }
}
