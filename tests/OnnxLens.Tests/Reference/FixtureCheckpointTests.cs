using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Reference;

/// <summary>The made-up checkpoints, and what must hold for the reference decoder on every family.</summary>
[TestClass]
public sealed class FixtureCheckpointTests
{
    private const int Length = 24;

    [TestMethod]
    public void Names_Fixtures_CoverEveryFamily()
    {
        string[] families = [.. FixtureCheckpoints.Names.Select(name => FixtureCheckpoints.Get(name).Reference.Facts.Family).Distinct().Order(StringComparer.Ordinal)];
        Assert.AreSequenceEqual(ModelFamilies.All.Select(family => family.Name).Order(StringComparer.Ordinal).ToArray(), families);
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Get_Twice_IsOneFolder(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        Assert.AreSame(fixture, FixtureCheckpoints.Get(name));
        Assert.IsTrue(File.Exists(Path.Combine(fixture.Folder, "config.json")));
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_Logits_AreSpreadLikeARealModels(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        double[] logits = [.. fixture.Reference.Run(fixture.Tokens(Length)).Logits.SelectMany(row => row)];
        double mean = logits.Average();
        double deviation = Math.Sqrt(logits.Average(logit => (logit - mean) * (logit - mean)));
        Assert.IsInRange(1.0, 4.0, deviation);
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Read_LastResidual_IsTheModelsOwnLogits(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        ReferenceRun run = fixture.Reference.Run(fixture.Tokens(Length));
        IReadOnlyList<double[]> residual = run.Rows(Site.ResidPost, fixture.Reference.Facts.Layers - 1);
        for (int position = 0; position < Length; position++)
        {
            Assert.AreSequenceEqual(run.Logits[position], fixture.Reference.Lens.Read<double>(residual[position]).Logits);
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_ResidualStream_IsTheSumOfItsParts(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        ReferenceRun run = fixture.Reference.Run(fixture.Tokens(Length));
        for (int layer = 0; layer < fixture.Reference.Facts.Layers; layer++)
        {
            for (int position = 0; position < Length; position++)
            {
                double[] pre = run.Rows(Site.ResidPre, layer)[position];
                double[] attention = run.Rows(Site.AttnOut, layer)[position];
                double[] mlp = run.Rows(Site.MlpOut, layer)[position];
                double[] sum = [.. pre.Select((value, i) => value + attention[i] + mlp[i])];
                Closeness.AssertClose<double, double>(sum, run.Rows(Site.ResidPost, layer)[position], 0, $"{name} resid_post.{layer}");
                if (layer > 0)
                {
                    Assert.AreSequenceEqual(run.Rows(Site.ResidPost, layer - 1)[position], pre);
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_LastTokenChanged_LeavesEarlierPositions(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        ReferenceRun before = fixture.Reference.Run(tokens);
        tokens[^1] = (tokens[^1] + 1) % fixture.Options.VocabularySize;
        ReferenceRun after = fixture.Reference.Run(tokens);
        Assert.AreEqual(Length - 1, FirstDifference(before, after, 0));
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_Steered_ChangesFromThePositionOn(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        ReferenceRun plain = fixture.Reference.Run(tokens);
        foreach (Site site in Sites.All.Where(site => site.IsSteerable()))
        {
            HookPoint point = new(site, 1);
            ReferenceRun none = fixture.Reference.Run(tokens, ReferenceSteering.Add(point, new float[fixture.Options.HiddenSize]));
            Assert.AreEqual(Length, FirstDifference(plain, none, 0), $"{point}: a vector of zeros");

            ReferenceRun steered = fixture.Reference.Run(tokens, ReferenceSteering.Add(point, fixture.SteeringVector(), 1, [20]));
            Assert.AreEqual(20, FirstDifference(plain, steered, 0), $"{point}: position 20");
            double[] added = [.. steered.Rows(site, 1)[20].Zip(plain.Rows(site, 1)[20], (x, y) => x - y)];
            Closeness.AssertClose<float, double>(fixture.SteeringVector(), added, 1e-12, $"{point}: the vector");
        }
    }

    [TestMethod]
    [DataRow("llama", "rope")]
    [DataRow("llama3-rope-tied-bf16", "rope scaling")]
    [DataRow("llama-linear-rope-sharded", "rope scaling")]
    [DataRow("llama-bias", "qkv bias")]
    [DataRow("llama-bias", "output bias")]
    [DataRow("llama-bias", "mlp bias")]
    [DataRow("qwen2", "qkv bias")]
    [DataRow("qwen2-late-window", "window")]
    [DataRow("qwen3-wide-heads-bf16", "qk norm")]
    [DataRow("mistral-window-fp16", "window")]
    public void Run_FeatureIgnored_IsSeenInTheLogits(string name, string feature)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        ReferenceDecoder ignorant = new(fixture.Checkpoint with { Architecture = Without(fixture.Checkpoint.Architecture, feature) });
        Assert.IsLessThan(Length, FirstDifference(fixture.Reference.Run(tokens), ignorant.Run(tokens), 0.1), $"{name} does not see its {feature}.");
    }

    [TestMethod]
    [DataRow("mistral-window-fp16", 6)]
    [DataRow("qwen2-late-window", 8)]
    public void Run_Window_ActsWhereTheFirstTokenLeavesIt(string name, int window)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        ReferenceDecoder unbounded = new(fixture.Checkpoint with { Architecture = Without(fixture.Checkpoint.Architecture, "window") });

        // Positions 0 to window − 1 see everything; position 'window' is the first that no longer sees token 0.
        Assert.AreEqual(window, FirstDifference(fixture.Reference.Run(tokens), unbounded.Run(tokens), 0));
    }

    [TestMethod]
    public void Windows_QwenFromTheThirdLayer_LeaveTheFirstTwo()
    {
        Architecture architecture = FixtureCheckpoints.Get("qwen2-late-window").Checkpoint.Architecture;
        Assert.AreSequenceEqual(new int?[] { null, null, 8, 8 }, architecture.Windows.ToArray());
    }

    [TestMethod]
    public void Run_UnknownToken_IsRefused() => Assert.ThrowsExactly<ArgumentOutOfRangeException>(
        () => FixtureCheckpoints.Get("llama").Reference.Run([0, 320]));

    private static Architecture Without(Architecture architecture, string feature) => feature switch
    {
        "rope" => architecture with { Rope = new RopeSpec(10_000, new RopeScaling.Linear(1e12)) },
        "rope scaling" => architecture with { Rope = new RopeSpec(architecture.Rope.Theta, new RopeScaling.None()) },
        "qkv bias" => architecture with { QkvBias = false },
        "output bias" => architecture with { AttentionOutBias = false },
        "mlp bias" => architecture with { MlpBias = false },
        "qk norm" => architecture with { QkNorm = false },
        "window" => architecture with { Windows = [.. architecture.Windows.Select(_ => (int?)null)] },
        _ => throw new ArgumentOutOfRangeException(nameof(feature), feature, "No such feature."),
    };

    /// <summary>The first position at which some logit differs by more than the tolerance, or the length.</summary>
    private static int FirstDifference(ReferenceRun a, ReferenceRun b, double tolerance)
    {
        int position = 0;
        while (position < a.Logits.Count && Closeness.MaxAbs<double, double>(a.Logits[position], b.Logits[position]) <= tolerance)
        {
            position++;
        }

        return position;
    }
}
