using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Onnx;
using OnnxLens.Onnx.Proto;
using OnnxLens.Runtime;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;

namespace OnnxLens.Tests.Runtime;

/// <summary>Graphs that fix the size of their batch or of their cache run as others do.</summary>
[TestClass]
public sealed class CacheFormTests : IDisposable
{
    private const double Rounding = 1e-4;

    private readonly FixtureCheckpoint _fixture = FixtureCheckpoints.Get("llama");
    private readonly TempFolder _folder = new();
    private readonly string _bundle;

    public CacheFormTests()
    {
        _bundle = _folder["bundle"];
        BundleExporter.Export(_fixture.Folder, _bundle, new ExportOptions { Shards = 2 });
    }

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public void Batch_OfGraphsThatTakeOneRow_EqualsEachAlone()
    {
        int[][] prompts = [_fixture.Tokens(7), _fixture.Tokens(3), _fixture.Tokens(5)];
        using LensModel model = OneRow(Branching.None);
        using ModelRun batch = model.Begin(TestBundles.CaptureAll(model), 10, prompts.Length);
        batch.Prefill(prompts);
        batch.Step([1, 2, 3]);
        for (int row = 0; row < prompts.Length; row++)
        {
            using ModelRun alone = model.Begin(TestBundles.CaptureAll(model), 10);
            alone.Prefill(prompts[row]);
            alone.Step([row + 1]);
            Closeness.AssertClose<float, float>(alone.Logits(), batch.Logits(row), Rounding, $"logits of row {row}");
            Invariants.AssertSameBits(Invariants.Sites(model, alone), Invariants.Sites(model, batch, row), $"row {row}");
        }
    }

    [TestMethod]
    [DataRow(Branching.Replicated)]
    [DataRow(Branching.Shared)]
    public void Branch_OfGraphsThatTakeOneRow_IsAFullRunOfItsOwn(Branching branching)
    {
        int[] tokens = _fixture.Tokens(9);
        using LensModel model = OneRow(branching);
        ImmutableArray<float> vector = [.. Enumerable.Range(0, model.Facts.HiddenSize).Select(i => MathF.Sin(i))];
        ImmutableArray<Branch> branches =
        [
            .. Enumerable.Range(0, 5).Select(i => new Branch(i + 3, i % 2 == 0 ? [] : [new SteeringOperation(new HookPoint(Site.MlpIn, i - 1), vector) { Positions = SteeringPositions.At(tokens.Length) }])),
        ];
        using ModelRun prefix = model.Begin(HookSpec.None, 10);
        prefix.Prefill(tokens);
        using BranchStep step = prefix.Branch(branches, TestBundles.CaptureAll(model).Capture);
        Assert.AreEqual(2, step.SteeringApplied);
        float[] logits = step.TargetLogits([1, 2, 3, 4, 5], 1);
        using LensModel plain = OneRow(Branching.None);
        for (int i = 0; i < branches.Length; i++)
        {
            using ModelRun whole = plain.Begin(TestBundles.CaptureAll(plain) with { Steer = branches[i].Steer }, 10);
            whole.Prefill([.. tokens, branches[i].Token]);
            float[] row = new float[model.Facts.HiddenSize];
            foreach (HookPoint point in TestBundles.CaptureAll(model).Capture)
            {
                step.Read(point, i, row);
                Closeness.AssertClose<float, float>(TestBundles.Rows(plain, whole, point)[tokens.Length], row, Rounding, $"branch {i} {point}");
            }

            Assert.AreEqual(whole.Logits()[i + 1], logits[i], Rounding, $"branch {i}");
        }
    }

    [TestMethod]
    public void Branch_BehindTheLongestPrefixOfACacheOfFixedLength_IsAFullRunOfItsOwn()
    {
        Rewrite(form => form with { Capacity = LensBundle.Open(_bundle).Manifest.Model.MaxLength });
        using LensModel model = LensModel.Open(_bundle, new LensModelOptions { Branching = Branching.Shared });
        Assert.AreEqual(Branching.Replicated, model.Branching);
        int[] tokens = _fixture.Tokens(model.Facts.MaxLength - 1);
        using ModelRun prefix = model.Begin(HookSpec.None, model.Facts.MaxLength);
        prefix.Prefill(tokens);
        using BranchStep step = prefix.Branch([.. Enumerable.Range(0, 3).Select(i => new Branch(i, []))]);
        float[] logits = step.TargetLogits([7, 7, 7], 1);
        for (int i = 0; i < 3; i++)
        {
            using ModelRun whole = model.Begin(HookSpec.None, model.Facts.MaxLength);
            whole.Prefill([.. tokens, i]);
            Assert.AreEqual(whole.Logits()[7], logits[i], Rounding, $"branch {i}");
        }
    }

    [TestMethod]
    public void Logits_OfARowThatWasRewound_AreRefusedUntilItRuns()
    {
        using LensModel model = OneRow(Branching.None);
        using ModelRun run = model.Begin(HookSpec.None, 10, 2);
        run.Prefill([_fixture.Tokens(4), _fixture.Tokens(6)]);
        float[] kept = run.Logits(0).ToArray();
        run.Rewind(3, 1);
        Invariants.AssertSameBits(kept, run.Logits(0), "the other row");
        Assert.ThrowsExactly<InvalidOperationException>(() => { _ = run.Logits(1); });
        run.Step([1, 2]);
        Assert.IsGreaterThan(0, run.Logits(1).Length);
    }

    private LensModel OneRow(Branching branching)
    {
        LensBundle bundle = LensBundle.Open(_bundle);
        if (!bundle.Manifest.Cache.SingleRow)
        {
            foreach (ShardEntry shard in bundle.Manifest.Shards)
            {
                FixBatch(shard);
            }

            Rewrite(form => form with { SingleRow = true });
            bundle = LensBundle.Open(_bundle);
        }

        ImmutableArray<HookPoint> points = HookSpec.Points(Sites.All, Enumerable.Range(0, bundle.Manifest.Model.Layers));
        return LensModel.Open(bundle, new LensModelOptions { Capture = points, Branching = branching });
    }

    /// <summary>Makes the graph's inputs take one row only.</summary>
    private void FixBatch(ShardEntry shard)
    {
        string path = Path.Combine(_bundle, shard.File);
        ModelProto model = OnnxModelFile.Read(path);
        foreach (ValueInfoProto input in model.Graph.Input.Where(input => !shard.Steer.ContainsValue(input.Name) && input.Type.TensorType.Shape.Dim.Count > 0))
        {
            input.Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = 1 };
        }

        OnnxModelFile.Write(path, model);
    }

    /// <summary>Where nothing is kept from step to step, a generated token is as dear as a prompt of all before it.</summary>
    [TestMethod]
    public void MemoryPlan_OfGraphsWithoutCache_CountsTheWholeSequenceOfAStep()
    {
        Rewrite(cache => cache with { Kind = CacheKind.None });
        LensBundle bundle = LensBundle.Open(_bundle);
        MemoryNeeds needs = new() { PromptLength = 8, Length = 256, CapturedPoints = 4, Cells = 4 * 256 };
        var plan = MemoryPlan.Make(bundle, needs, [], long.MaxValue);
        var prompt = MemoryPlan.Make(bundle, needs with { PromptLength = 256 }, [], long.MaxValue);
        Assert.AreEqual(prompt.PrefillBytes + (2 * plan.CaptureBytes), plan.PrefillBytes);
        SelectionException refusal = Assert.ThrowsExactly<SelectionException>(() => MemoryPlan.Make(bundle, needs, [], plan.PrefillBytes));
        Assert.Contains("for prefill", refusal.Message);
    }

    private void Rewrite(Func<CacheForm, CacheForm> change)
    {
        BundleManifest manifest = ManifestReader.Read(File.ReadAllBytes(Path.Combine(_bundle, BundleManifest.FileName)));
        LensBundle.WriteManifest(_bundle, manifest with
        {
            Cache = change(manifest.Cache),
            Shards = change(manifest.Cache).Kind == CacheKind.None ? [.. manifest.Shards.Select(shard => shard with { Cache = [] })] : manifest.Shards,
            Files = [.. manifest.Files.Select(file => LensBundle.Describe(_bundle, file.Name, file.Role, file.Location))],
        });
    }
}
