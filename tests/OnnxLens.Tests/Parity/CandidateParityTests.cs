using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Export.Quantization;
using OnnxLens.Lens;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>The lens by candidates, against the exact one and the reference decoder.</summary>
[TestClass]
public sealed class CandidateParityTests
{
    private const int Length = 40;

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Decode_ByCandidates_IsNearTheExactLens(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        LensGrid exact = Grid(fixture, tokens, Candidates.None);
        LensGrid grid = Grid(fixture, tokens, Candidates.Int8);

        Assert.IsNull(exact.CandidateError);
        CandidateError error = grid.CandidateError!;
        Assert.AreEqual(3 * exact.Points.Length, error.Cells, "one position in sixteen, rounded up");
        Assert.AreEqual(0.0, error.OtherTop);
        Assert.IsLessThan(0.02, error.TopLogProb);
        Closeness.AssertClose<float, float>(exact.LogSumExp, grid.LogSumExp, 0.02, "log-sum-exp");
        Closeness.AssertClose<float, float>(exact.Entropy, grid.Entropy, 0.02, "entropy");
        Closeness.AssertClose<float, float>(exact.KlFinalLens, grid.KlFinalLens, 0.03, "KL");
        Closeness.AssertClose<float, float>(exact.TargetLogProbs, grid.TargetLogProbs, 0.02, "targets");
        Assert.AreSequenceEqual(exact.TopIds, grid.TopIds);
    }

    /// <summary>What separates a top token's log-probability from the reference is the log-sum-exp alone: its logit is exact.</summary>
    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Decode_ByCandidates_LogitsOfTopTokensAreTheReferences(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(5);
        LensGrid grid = Grid(fixture, tokens, Candidates.Int8);
        ReferenceRun run = fixture.Reference.Run(tokens);

        for (int point = 0; point < grid.Points.Length; point++)
        {
            IReadOnlyList<double[]> rows = run.Rows(Site.ResidPost, grid.Points[point].Layer);
            for (int position = 0; position < tokens.Length; position++)
            {
                ReferenceReadout expected = fixture.Reference.Lens.Read<double>(rows[position]);
                int cell = grid.CellIndex(point, position);
                for (int i = 0; i < grid.TopK; i++)
                {
                    int id = grid.TopIds[(cell * grid.TopK) + i];
                    double logit = grid.TopLogProbs[(cell * grid.TopK) + i] + (double)grid.LogSumExp[cell];
                    Assert.AreEqual(expected.LogProbs[id] + expected.LogSumExp, logit, 5e-5, $"{name}, token {id} of {grid.Points[point]} at {position}");
                }
            }
        }
    }

    /// <summary>A trained model has tokens that it never met. Its early layers hold hundreds of them to be all but equal, closer than 8 bits tell.</summary>
    [TestMethod]
    public void Decode_TrainedModel_FindsTheTopAmongTokensThatAreAllButEqual()
    {
        string demo = Path.Combine(RepositoryRoot.Path, "model-export", "demo", "checkpoint");
        int[] tokens = [.. Enumerable.Range(0, 24).Select(i => 300 + (i * 53 % 600))];
        LensGrid exact = Grid(demo, tokens, Candidates.None);
        LensGrid grid = Grid(demo, tokens, Candidates.Int8);

        Assert.AreSequenceEqual(exact.TopIds, grid.TopIds);
        Assert.AreEqual(0.0, grid.CandidateError!.OtherTop);
        Closeness.AssertClose<float, float>(exact.TopLogProbs, grid.TopLogProbs, 0.1, "top log-probabilities");
        Closeness.AssertClose<float, float>(exact.Entropy, grid.Entropy, 0.1, "entropy");
    }

    [TestMethod]
    public void Decode_OtherThreads_KeepsItsBits()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        int[] tokens = fixture.Tokens(Length);
        LensGrid one = Grid(fixture, tokens, Candidates.Int8, threads: 1);
        LensGrid two = Grid(fixture, tokens, Candidates.Int8, threads: 2);
        Assert.AreSequenceEqual(one.TopLogProbs, two.TopLogProbs);
        Assert.AreSequenceEqual(one.Entropy, two.Entropy);
    }

    [TestMethod]
    public void Dispose_OfTheModel_LeavesNoMemory()
    {
        int before = DeviceBuffer.LiveCount;
        TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1, options => options with { Candidates = Candidates.Int8 }).Dispose();
        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }

    [TestMethod]
    public void Open_HeadThatIsNotInSinglePrecision_IsRefused()
    {
        string half = TestBundles.Of(FixtureCheckpoints.Get("llama").Folder, 1, Precision.Fp16);
        using var folder = new TempFolder();
        string quantised = folder["int8"];
        BundleExporter.Export(
            FixtureCheckpoints.Get("llama").Folder, quantised,
            new ExportOptions { Quantization = QuantizationForms.Default(8), QuantizationScope = QuantizationScope.All });
        foreach (string bundle in (string[])[half, quantised])
        {
            BundleException refused = Assert.ThrowsExactly<BundleException>(() => LensModel.Open(bundle, new LensModelOptions { Candidates = Candidates.Int8 }));
            Assert.Contains("--precision fp32", refused.Message);
        }
    }

    private static LensGrid Grid(FixtureCheckpoint fixture, int[] tokens, Candidates candidates, int threads = 0) => Grid(fixture.Folder, tokens, candidates, threads);

    private static LensGrid Grid(string checkpoint, int[] tokens, Candidates candidates, int threads = 0)
    {
        using LensModel model = TestBundles.Open(checkpoint, 1, options => options with { Candidates = candidates, Threads = threads });
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens);
        return LensDecoder.Decode(model, run, new LensRequest
        {
            Points = HookSpec.Points([Site.ResidPost], Enumerable.Range(0, model.Facts.Layers)),
            Positions = [.. Enumerable.Range(0, tokens.Length)],
            TopK = 3,
            Targets = [1, 2],
        });
    }
}
