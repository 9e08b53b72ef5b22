using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>Two runs of the same tokens set side by side: what is equal is exactly so, and what differs is what plain arithmetic says.</summary>
[TestClass]
public sealed class LensComparisonTests
{
    private const int Length = 11;
    private const int TopK = 4;

    public static IEnumerable<object[]> FixturesAndShards => ReferenceParityTests.FixturesAndShards;

    [TestMethod]
    [DynamicData(nameof(FixturesAndShards))]
    public void Of_OneAndManyShards_IsExactlyEqual(string name, int shards)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        using LensModel one = Invariants.Open(fixture, 1);
        using LensModel many = Invariants.Open(fixture, shards);
        foreach (CellComparison cell in Cells(Compare(one, many, fixture.Tokens(Length))))
        {
            AssertExact(cell, name);
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Of_Fp32AndFp16_IsSmallAndIsWhatTwoFullLogitMatricesSay(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel full = Invariants.Open(fixture, 1);
        using LensModel half = OpenBundle(TestBundles.Of(fixture.Folder, 2, Precision.Fp16));
        LensComparison comparison = Compare(full, half, tokens);
        CellComparison[] cells = [.. Cells(comparison)];
        Assert.IsTrue(cells.All(cell => cell.Activation.Cosine > 0.9999 && cell.Logits.Kl is >= 0 and < 1e-3), name);
        Assert.IsTrue(cells.Any(cell => cell.Activation.RelativeDifference > 1e-5 && cell.Logits.Kl > 0), name);

        AssertIsPlain(comparison, full, half, tokens, name);
    }

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Of_Fp32AndFp16_IsTheDivergenceFromTransformersLogits(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        using LensModel full = TestBundles.Open(golden.CheckpointFolder);
        using LensModel half = OpenBundle(TestBundles.Of(golden.CheckpointFolder, 1, Precision.Fp16));
        LensComparison comparison = Compare(full, half, golden.Tokens);
        AssertIsPlain(comparison, full, half, golden.Tokens, name);

        float[][] transformers = golden.Tensors.Rows("logits");
        float[][] logits = Final(half, golden.Tokens).Logits;
        int final = comparison.Points.IndexOf(HookPoint.Final(full.Facts));
        for (int position = 0; position < golden.Tokens.Length; position++)
        {
            var p = new ReferenceReadout([.. transformers[position].Select(value => (double)value)]);
            var q = new ReferenceReadout([.. logits[position].Select(value => (double)value)]);
            Assert.AreEqual(p.KlTo(q), comparison[final, position].Logits.Kl, 1e-7 + (0.02 * p.KlTo(q)), $"{name} at {position}");
        }
    }

    [TestMethod]
    public void Of_OneWeightChanged_BeginsInItsLayerAndIsExactlyNoneBefore()
    {
        using var folder = new TempFolder();
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        string changed = ChangedCheckpoint.Write(fixture.Folder, folder["changed"], "model.layers.2.mlp.down_proj.weight", (_, value) => value * 1.05f);
        using LensModel a = Invariants.Open(fixture, 2);
        using LensModel b = TestBundles.Open(changed);
        LensComparison comparison = Compare(a, b, fixture.Tokens(Length));
        for (int point = 0; point < comparison.Points.Length; point++)
        {
            HookPoint at = comparison.Points[point];
            bool before = at.Layer < 2 || (at.Layer == 2 && at.Site < Site.MlpOut);
            for (int position = 0; position < Length; position++)
            {
                CellComparison cell = comparison[point, position];
                if (before)
                {
                    AssertExact(cell, $"{at}");
                }
                else
                {
                    Assert.IsGreaterThan(0, cell.Activation.RelativeDifference, $"{at} {position}");
                    Assert.IsGreaterThan(0, cell.Logits.Kl + Math.Abs(cell.Logits.EntropyShift), $"{at} {position}");
                }
            }
        }
    }

    [TestMethod]
    public void Of_TwoRunsOfOneModel_IsWhatTheHeadsOwnGraphSays()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("qwen2");
        int[] tokens = fixture.Tokens(Length);
        using LensModel model = Invariants.Open(fixture, 2);
        HookSpec hooks = TestBundles.CaptureAll(model);
        using ModelRun clean = model.Begin(hooks, Length);
        using ModelRun steered = model.Begin(
            hooks with { Steer = [new SteeringOperation(new HookPoint(Site.MlpIn, 2), [.. fixture.SteeringVector()]) { Positions = SteeringPositions.All }] }, Length);
        clean.Prefill(tokens);
        steered.Prefill(tokens);
        LensComparison comparison = LensComparison.Of(model, clean, model, steered, Request(model, Length));
        var own = RunComparison.Of(model, clean, steered);
        int final = comparison.Points.IndexOf(HookPoint.Final(model.Facts));
        for (int position = 0; position < Length; position++)
        {
            Assert.AreEqual(own.Kl[position], comparison[final, position].Logits.Kl, 2e-5);
            Assert.AreEqual(own.ReferenceNext[position], comparison[final, position].Logits.ReferenceNext, 2e-5);
            Assert.AreEqual(own.OtherNext[position], comparison[final, position].Logits.OtherNext, 2e-5);
            AssertExact(comparison[comparison.Points.IndexOf(new HookPoint(Site.ResidPost, 1)), position], "before the vector");
        }

        Assert.IsGreaterThan(0.01, own.Kl[0]);
    }

    [TestMethod]
    public void Of_SmallHeadMemory_IsTheSame()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel full = Invariants.Open(fixture, 1);
        using LensModel half = OpenBundle(TestBundles.Of(fixture.Folder, 2, Precision.Fp16));
        using LensModel narrow = Invariants.Open(fixture, 1, options => options with { HeadMemoryBytes = 1 });
        int[] tokens = fixture.Tokens(Length);
        foreach ((CellComparison wide, CellComparison two) in Cells(Compare(full, half, tokens)).Zip(Cells(Compare(narrow, half, tokens))))
        {
            Assert.AreEqual(wide.Activation, two.Activation);
            Assert.AreEqual(wide.Logits.Kl, two.Logits.Kl, 1e-6);
        }
    }

    [TestMethod]
    public void Of_ATokenThatIsNotFinite_SaysOnWhichSideFromWhere()
    {
        const int Position = 6;
        using var folder = new TempFolder();
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        int[] tokens = fixture.Tokens(Length);
        int hidden = fixture.Options.HiddenSize;
        string changed = ChangedCheckpoint.Write(fixture.Folder, folder["changed"], "model.embed_tokens.weight", (i, value) => i / hidden == tokens[Position] ? float.NaN : value);
        using LensModel a = Invariants.Open(fixture, 1);
        using LensModel b = TestBundles.Open(changed);
        LensComparison comparison = Compare(a, b, tokens);
        int embedding = comparison.Points.IndexOf(new HookPoint(Site.ResidPre, 0));
        AssertExact(comparison[embedding, Position - 1], "the token before it");
        AssertExact(comparison[embedding, Position + 1], "the token behind it");
        Assert.AreEqual(NonFiniteSide.Other, comparison[embedding, Position].NonFinite);
        int point = comparison.Points.IndexOf(HookPoint.Final(a.Facts));
        Assert.AreEqual(CellComparison.Undefined(NonFiniteSide.Other), comparison[point, Length - 1], "attention carries it on");
        Assert.AreEqual(NonFiniteSide.Reference, Compare(b, a, tokens)[point, Position].NonFinite);
        Assert.AreEqual(NonFiniteSide.Both, Compare(b, b, tokens)[point, Position].NonFinite);
    }

    [TestMethod]
    public void Of_WhatCannotBeCompared_IsRefused()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel model = Invariants.Open(fixture, 1);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), Length);
        using ModelRun shorter = model.Begin(TestBundles.CaptureAll(model), Length);
        using ModelRun bare = model.Begin(HookSpec.None, Length);
        run.Prefill(fixture.Tokens(Length));
        shorter.Prefill(fixture.Tokens(Length - 1));
        bare.Prefill(fixture.Tokens(Length));
        LensRequest request = Request(model, Length);
        Assert.Contains("one has 11 and the other 10", Assert.ThrowsExactly<SelectionException>(() => LensComparison.Of(model, run, model, shorter, request)).Message);
        Assert.Contains("did not capture", Assert.ThrowsExactly<SelectionException>(() => LensComparison.Of(model, run, model, bare, request)).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LensComparison.Of(model, run, model, run, request with { Targets = [1] }));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() => LensComparison.Of(model, run, model, run, request, null, source.Token));
    }

    [TestMethod]
    public void RequireComparable_OtherSizes_AreNamed()
    {
        ModelFacts facts = FixtureCheckpoints.Get("llama").Checkpoint.Architecture.Facts;
        LensComparison.RequireComparable(facts, facts with { MaxLength = 7, Family = "other" });
        string message = Assert.ThrowsExactly<SelectionException>(() => LensComparison.RequireComparable(facts, facts with { Layers = 9, HiddenSize = 8, VocabularySize = 7 })).Message;
        Assert.Contains($"{facts.Layers} and 9 layers, a hidden size of {facts.HiddenSize} and 8, a vocabulary of {facts.VocabularySize} and 7", message);
    }

    /// <summary>Every cell against the double-precision readout of both models' full logits, read one row at a time.</summary>
    private static void AssertIsPlain(LensComparison comparison, LensModel reference, LensModel other, int[] tokens, string what)
    {
        (float[][] Rows, float[][] Logits) a = Final(reference, tokens);
        (float[][] Rows, float[][] Logits) b = Final(other, tokens);
        int final = comparison.Points.IndexOf(HookPoint.Final(reference.Facts));
        for (int position = 0; position < tokens.Length; position++)
        {
            var p = new ReferenceReadout([.. a.Logits[position].Select(value => (double)value)]);
            var q = new ReferenceReadout([.. b.Logits[position].Select(value => (double)value)]);
            LogitComparison logits = comparison[final, position].Logits;
            string at = $"{what} at {position}";
            Assert.AreEqual(p.KlTo(q), logits.Kl, 1e-9 + (1e-3 * p.KlTo(q)), at);
            Assert.AreEqual(q.Entropy - p.Entropy, logits.EntropyShift, 2e-6, at);
            Assert.AreEqual(p.TopIds(1)[0] == q.TopIds(1)[0], logits.SameTop, at);
            Assert.AreEqual(p.TopIds(TopK).Intersect(q.TopIds(TopK)).Count() / (double)TopK, logits.TopOverlap, at);
            double product = a.Rows[position].Zip(b.Rows[position], (x, y) => (double)x * y).Sum();
            double norms = Math.Sqrt(a.Rows[position].Sum(x => (double)x * x)) * Math.Sqrt(b.Rows[position].Sum(y => (double)y * y));
            Assert.AreEqual(product / norms, comparison[final, position].Activation.Cosine, 1e-14, at);
        }
    }

    private static (float[][] Rows, float[][] Logits) Final(LensModel model, int[] tokens)
    {
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), tokens.Length);
        run.Prefill(tokens);
        return (TestBundles.Rows(model, run, HookPoint.Final(model.Facts)), Invariants.Logits(model, run));
    }

    private static LensComparison Compare(LensModel a, LensModel b, int[] tokens)
    {
        using ModelRun own = a.Begin(TestBundles.CaptureAll(a), tokens.Length);
        using ModelRun theirs = b.Begin(TestBundles.CaptureAll(b), tokens.Length);
        own.Prefill(tokens);
        theirs.Prefill(tokens);
        return LensComparison.Of(a, own, b, theirs, Request(a, tokens.Length));
    }

    private static LensRequest Request(LensModel model, int length) =>
        new() { Points = TestBundles.CaptureAll(model).Capture, Positions = [.. Enumerable.Range(0, length)], TopK = TopK };

    private static LensModel OpenBundle(string folder)
    {
        var bundle = LensBundle.Open(folder);
        return LensModel.Open(bundle, new LensModelOptions { Capture = HookSpec.Points(Sites.All, Enumerable.Range(0, bundle.Manifest.Model.Layers)) });
    }

    private static IEnumerable<CellComparison> Cells(LensComparison comparison) =>
        from point in Enumerable.Range(0, comparison.Points.Length)
        from position in Enumerable.Range(0, comparison.Positions.Length)
        select comparison[point, position];

    private static void AssertExact(CellComparison cell, string what)
    {
        Assert.AreEqual(new ActivationComparison(1, 0), cell.Activation, what);
        Assert.AreEqual((0.0, 0.0, true, 1.0), (cell.Logits.Kl, cell.Logits.EntropyShift, cell.Logits.SameTop, cell.Logits.TopOverlap), what);
        Assert.AreEqual(cell.Logits.ReferenceNext, cell.Logits.OtherNext, what);
    }
}
