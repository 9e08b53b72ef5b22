using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Export;
using OnnxLens.Export.Families;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>Many continuations of one prefix, against one full run for each.</summary>
[TestClass]
public sealed class BranchTests
{
    private const double Tolerance = 1e-4;
    private const int Prefix = 13;

    public static IEnumerable<object[]> FixturesShardsAndKinds =>
        from name in FixtureCheckpoints.Names
        from shards in new[] { 1, 0 }
        from kind in new[] { Branching.Shared, Branching.Replicated }
        select new object[] { name, shards, kind };

    [TestMethod]
    [DynamicData(nameof(FixturesShardsAndKinds))]
    public void Branch_EveryBranch_IsAFullRunOfItsOwn(string name, int shards, Branching kind)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Prefix);
        ImmutableArray<Branch> branches = Branches(fixture);
        using LensModel model = Open(fixture, shards, kind);
        Assert.AreEqual(kind, model.Branching);
        using ModelRun run = model.Begin(HookSpec.None, Prefix + 1);
        run.Prefill(tokens);
        ImmutableArray<HookPoint> points = TestBundles.CaptureAll(model).Capture;
        using BranchStep step = run.Branch(branches, points);
        Assert.AreEqual(branches.Length, step.Count);
        Assert.AreEqual(branches.Sum(branch => branch.Steer.Length), step.SteeringApplied);
        int[] targets = [.. branches.SelectMany(branch => new[] { branch.Token, 1, 7 })];
        float[] logits = step.TargetLogits(targets, 3);

        using LensModel plain = Invariants.Open(fixture, shards, options => options with { Steer = EveryOperator(fixture) });
        for (int i = 0; i < branches.Length; i++)
        {
            using ModelRun full = plain.Begin(TestBundles.CaptureAll(plain) with { Steer = branches[i].Steer }, Prefix + 1);
            full.Prefill([.. tokens, branches[i].Token]);
            float[] row = new float[model.Facts.HiddenSize];
            foreach (HookPoint point in points)
            {
                step.Read(point, i, row);
                Closeness.AssertClose<float, float>(TestBundles.Rows(plain, full, point)[Prefix], row, Tolerance, $"{name} branch {i} {point}");
            }

            for (int target = 0; target < 3; target++)
            {
                Assert.AreEqual(full.Logits()[targets[(i * 3) + target]], logits[(i * 3) + target], Tolerance, $"{name} branch {i} target {target}");
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Branch_ShardsAndOtherBranches_ChangeNoBit(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        ImmutableArray<Branch> branches = Branches(fixture);
        float[][] one = Finals(fixture, 1, branches);
        float[][] many = Finals(fixture, 0, branches);
        float[][] others = Finals(fixture, 1, [.. branches.Select((branch, i) => i == 2 ? branch : new Branch(9, []))]);
        for (int i = 0; i < branches.Length; i++)
        {
            Invariants.AssertSameBits(one[i], many[i], $"{name} branch {i}: shards");
        }

        Invariants.AssertSameBits(one[2], others[2], $"{name}: other branches");
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Branch_TheRunItself_GoesOnAsIfItHadNot(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Prefix + 3);
        using LensModel model = Open(fixture, 2, Branching.Shared);
        var expected = Invariants.Run(model, tokens, Prefix);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens.AsSpan(0, Prefix));
        foreach (int token in tokens.AsSpan(Prefix))
        {
            run.Branch(Branches(fixture)).Dispose();
            run.Step([token]);
        }

        Invariants.AssertSameBits(expected.Sites, Invariants.Sites(model, run), name);
        Invariants.AssertSameBits(expected.Last, run.Logits(), name);
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_OfAModelThatBranches_IsThatOfOneThatDoesNot(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(24);
        using LensModel plain = Invariants.Open(fixture, 2);
        using LensModel branching = Open(fixture, 2, Branching.Shared, options => options with { ChunkLength = 9 });
        var expected = Invariants.Run(plain, tokens, 20);
        var actual = Invariants.Run(branching, tokens, 20);
        foreach ((HookPoint point, float[][] rows) in expected.Sites)
        {
            for (int position = 0; position < rows.Length; position++)
            {
                Closeness.AssertClose<float, float>(rows[position], actual.Sites[point][position], Tolerance, $"{name} {point} {position}");
            }
        }
    }

    [TestMethod]
    [DataRow(Branching.Shared)]
    [DataRow(Branching.Replicated)]
    public void Branch_InHalfPrecision_IsThatInSingleLoosely(Branching kind)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("mistral-window-fp16");
        using TempFolder folder = new();
        BundleExporter.Export(fixture.Folder, folder["half"], new ExportOptions { Precision = Precision.Fp16, Shards = 2, Weights = WeightsMode.Reference });
        ImmutableArray<Branch> branches = Branches(fixture);
        float[] Logits(LensModel model)
        {
            using ModelRun run = model.Begin(HookSpec.None, Prefix + 1);
            run.Prefill(fixture.Tokens(Prefix));
            using BranchStep step = run.Branch(branches);
            return step.TargetLogits([.. branches.Select(_ => 7)], 1);
        }

        using LensModel half = LensModel.Open(folder["half"], new LensModelOptions { Branching = kind, Steer = EveryOperator(fixture) });
        using LensModel single = Open(fixture, 2, kind);
        Closeness.AssertClose<float, float>(Logits(single), Logits(half), 0.1, "half precision");
    }

    [TestMethod]
    [DataRow(Branching.Shared)]
    [DataRow(Branching.Replicated)]
    public void Branch_EmptyAndFullPrefix_AreRunsToo(Branching kind)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel model = Open(fixture, 1, kind);
        using ModelRun empty = model.Begin(HookSpec.None, 4);
        using BranchStep step = empty.Branch([new Branch(5, []), new Branch(6, [])]);
        using LensModel plain = Invariants.Open(fixture, 1);
        foreach ((int token, int i) in new[] { (5, 0), (6, 1) })
        {
            using ModelRun full = plain.Begin(HookSpec.None, 1);
            full.Prefill([token]);
            Assert.AreEqual(full.Logits()[3], step.TargetLogits([3, 3], 1)[i], Tolerance);
        }

        int most = model.Facts.MaxLength;
        using ModelRun whole = model.Begin(HookSpec.None, most);
        whole.Prefill(fixture.Tokens(most));
        Assert.ThrowsExactly<SelectionException>(() => whole.Branch([new Branch(5, [])]));
        whole.Rewind(most - 1);
        whole.Branch([new Branch(5, []), new Branch(6, [])]).Dispose();
    }

    [TestMethod]
    public void Branch_WhatCannotBe_IsRefused()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel plain = Invariants.Open(fixture, 1);
        using ModelRun run = plain.Begin(HookSpec.None, 4);
        Assert.ThrowsExactly<InvalidOperationException>(() => run.Branch([new Branch(1, [])]));

        using LensModel model = TestBundles.Open(fixture.Folder, 1, options => options with { Capture = [], Branching = Branching.Shared, MaxBranches = 2 });
        Assert.ThrowsExactly<InvalidOperationException>(() => model.Begin(HookSpec.None, 4, batch: 2));
        using ModelRun branching = model.Begin(HookSpec.None, 4);
        branching.Prefill([1, 2]);
        var point = new HookPoint(Site.MlpIn, 0);
        Assert.Contains("1 to 2", Refuse([]));
        Assert.Contains("1 to 2", Refuse([new Branch(1, []), new Branch(1, []), new Branch(1, [])]));
        Assert.Contains("out of range", Refuse([new Branch(model.Facts.VocabularySize, [])]));
        Assert.Contains("hidden size", Refuse([new Branch(1, [new SteeringOperation(point, [1, 2])])]));
        Assert.Contains("LensModelOptions.Steer", Refuse([new Branch(1, [new SteeringOperation(point, [.. fixture.SteeringVector()]) { Operator = SteeringOperator.Ablate }])]));
        Assert.Contains("cannot be captured", Assert.ThrowsExactly<SelectionException>(() => branching.Branch([new Branch(1, [])], [point])).Message);

        string Refuse(ImmutableArray<Branch> branches) => Assert.ThrowsExactly<SelectionException>(() => branching.Branch(branches)).Message;
    }

    private static LensModel Open(FixtureCheckpoint fixture, int shards, Branching kind, Func<LensModelOptions, LensModelOptions>? change = null) =>
        Invariants.Open(fixture, shards, options =>
        {
            options = options with { Branching = kind, Steer = EveryOperator(fixture) };
            return change is null ? options : change(options);
        });

    private static float[][] Finals(FixtureCheckpoint fixture, int shards, ImmutableArray<Branch> branches)
    {
        using LensModel model = Open(fixture, shards, Branching.Shared);
        using ModelRun run = model.Begin(HookSpec.None, Prefix + 1);
        run.Prefill(fixture.Tokens(Prefix));
        var last = new HookPoint(Site.ResidPost, model.Facts.Layers - 1);
        using BranchStep step = run.Branch(branches, [last]);
        return [.. Enumerable.Range(0, branches.Length).Select(i =>
        {
            float[] row = new float[model.Facts.HiddenSize];
            step.Read(last, i, row);
            return row;
        })];
    }

    /// <summary>Plain ones, one for each operator, and one with two vectors at two layers.</summary>
    private static ImmutableArray<Branch> Branches(FixtureCheckpoint fixture)
    {
        ImmutableArray<SteeringOperation> operations = EveryOperator(fixture);
        return
        [
            new Branch(4, []),
            new Branch(11, []),
            .. operations.Select(operation => new Branch(4, [operation])),
            new Branch(3, [operations[0], operations[^1]]),
        ];
    }

    private static ImmutableArray<SteeringOperation> EveryOperator(FixtureCheckpoint fixture) =>
    [
        new(new HookPoint(Site.MlpIn, 1), [.. fixture.SteeringVector()]),
        new(new HookPoint(Site.MlpIn, 1), [.. fixture.SteeringVector()]) { Operator = SteeringOperator.Ablate },
        new(new HookPoint(Site.AttnIn, 2), [.. fixture.SteeringVector()]) { Operator = SteeringOperator.AddKeepingNorm },
        new(new HookPoint(Site.ResidPost, 0), [.. fixture.SteeringVector().Select(value => value * 0.2f)]) { Unit = SteeringUnit.ActivationNorm },
    ];
}
