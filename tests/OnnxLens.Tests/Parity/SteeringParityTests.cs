using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Parity;

/// <summary>Steering operators in the pipeline, against transformers and the reference decoder.</summary>
[TestClass]
public sealed class SteeringParityTests
{
    private const double Tolerance = 1e-4;
    private const int Length = 14;

    public static IEnumerable<object[]> OperatorCases =>
        from name in GoldenCases.Names
        from shards in new[] { 1, 3 }
        select new object[] { name, shards };

    public static IEnumerable<object[]> FixturesAndOperators =>
        from name in FixtureCheckpoints.Names
        from steer in Enum.GetValues<SteeringOperator>()
        select new object[] { name, steer };

    [TestMethod]
    [DataRow("llama-gqa", 1)]
    [DataRow("llama-gqa", 3)]
    [DataRow("qwen3-tied", 1)]
    [DataRow("qwen3-tied", 3)]
    public void Run_Operators_AreTransformers(string name, int shards)
    {
        GoldenCase golden = GoldenCases.Require(name);
        var point = new HookPoint(Site.MlpIn, 1);
        foreach ((string op, SteeringOperator steer) in new[] { ("ablate", SteeringOperator.Ablate), ("norm_preserving", SteeringOperator.AddKeepingNorm) })
        {
            var operation = new SteeringOperation(point, [.. golden.SteeringVector]) { Operator = steer, Positions = SteeringPositions.All };
            using LensModel model = TestBundles.Open(golden.CheckpointFolder, shards, options => options with { Steer = [operation] });
            using ModelRun run = model.Begin(TestBundles.CaptureAll(model) with { Steer = [operation] }, golden.Tokens.Length);
            run.Prefill(golden.Tokens);
            run.RequireSteeringApplied();
            Assert.AreEqual(golden.Tokens.Length, run.SteeringApplied);
            Closeness.AssertRows(golden.Tensors.Rows($"op.{op}.mlp_in"), TestBundles.Rows(model, run, point), Tolerance, $"{name} {op} site");
            Closeness.AssertRows(golden.Tensors.Rows($"op.{op}.logits"), Invariants.Logits(model, run), Tolerance, $"{name} {op} logits");
        }
    }

    [TestMethod]
    [DynamicData(nameof(OperatorCases))]
    public void Generate_SteeredGreedy_IsTransformers(string name, int shards)
    {
        GoldenCase golden = GoldenCases.Require(name);
        (HookPoint point, double multiplier) = golden.SteeredGreedy;
        ImmutableArray<float> vector = [.. golden.SteeringVector.Select(value => (float)(value * multiplier))];
        foreach ((string tensor, SteeringPositions positions) in new[] { ("steer.greedy_last", SteeringPositions.Label), ("steer.greedy_all", SteeringPositions.All) })
        {
            int[] expected = golden.Tensors.Ids(tensor);
            using LensModel model = TestBundles.Open(golden.CheckpointFolder, shards);
            using ModelRun run = model.Begin(new HookSpec { Steer = [new SteeringOperation(point, vector) { Positions = positions }] }, golden.Tokens.Length + expected.Length);
            GenerationResult result = TextGenerator.Generate(run, golden.Tokens, new GenerationOptions { MaxNewTokens = expected.Length });
            run.RequireSteeringApplied();
            Assert.AreSequenceEqual(expected, result.GeneratedIds.ToArray(), $"{name} {tensor}");
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixturesAndOperators))]
    public void Run_OperatorAtSomePositions_IsTheReferenceInPrefillAndDecode(string name, SteeringOperator steer)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        float[] vector = fixture.SteeringVector();
        foreach (Site site in new[] { Site.AttnIn, Site.MlpIn, Site.ResidPost })
        {
            var point = new HookPoint(site, 1);
            ReferenceSteering reference = steer switch
            {
                SteeringOperator.Add => ReferenceSteering.Add(point, vector, 1, [4, 9, 12]),
                SteeringOperator.Ablate => ReferenceSteering.Ablate(point, vector, [4, 9, 12]),
                _ => ReferenceSteering.AddKeepingNorm(point, vector, 1, [4, 9, 12]),
            };
            ReferenceRun expected = fixture.Reference.Run(tokens, reference);
            var operation = new SteeringOperation(point, [.. vector]) { Operator = steer, Positions = SteeringPositions.At(4, 9, 12) };
            using LensModel model = Invariants.Open(fixture, 2, options => options with { Steer = [operation] });
            using ModelRun run = model.Begin(TestBundles.CaptureAll(model) with { Steer = [operation] }, Length);
            run.Prefill(tokens.AsSpan(0, 10));
            foreach (int token in tokens.AsSpan(10))
            {
                run.Step([token]);
            }

            run.RequireSteeringApplied();
            Assert.AreEqual(3, run.SteeringApplied);
            Invariants.AssertReference(expected.Rows(site, 1), TestBundles.Rows(model, run, point), Tolerance, $"{name} {steer} {point}");
            Invariants.AssertReference(expected.Logits, Invariants.Logits(model, run), Tolerance, $"{name} {steer} logits");
        }
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_OperatorNodesUnfedOrElsewhere_ChangeNoBit(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[] tokens = fixture.Tokens(Length);
        using LensModel plain = Invariants.Open(fixture, 2);
        var expected = Invariants.Run(plain, tokens, 10);
        ImmutableArray<SteeringOperation> everything = [.. EveryOperator(fixture, SteeringPositions.At(7))];
        using LensModel model = Invariants.Open(fixture, 2, options => options with { Steer = everything });
        var unfed = Invariants.Run(model, tokens, 10);
        Invariants.AssertSameBits(expected.Sites, unfed.Sites, $"{name} unfed");
        Invariants.AssertSameBits(expected.Last, unfed.Last, $"{name} unfed");

        var steered = Invariants.Run(model, tokens, 10, TestBundles.CaptureAll(model) with { Steer = everything });
        foreach ((HookPoint point, float[][] rows) in expected.Sites)
        {
            for (int position = 0; position < 7; position++)
            {
                Invariants.AssertSameBits(rows[position], steered.Sites[point][position], $"{name} {point} at {position}, before the steered position");
            }
        }

        Assert.IsFalse(expected.Last.AsSpan().SequenceEqual(steered.Last));
    }

    [TestMethod]
    [DynamicData(nameof(FixtureCheckpoints.All), typeof(FixtureCheckpoints))]
    public void Run_OneSequenceOfABatchSteered_ChangesNoBitOfTheOthers(string name)
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get(name);
        int[][] prompts = [fixture.Tokens(Length), fixture.Tokens(7), fixture.Tokens(12)[3..]];
        ImmutableArray<SteeringOperation> steer = [.. EveryOperator(fixture, SteeringPositions.All).Select(operation => operation with { Sequences = [1] })];
        using LensModel model = Invariants.Open(fixture, 2, options => options with { Steer = steer });
        Dictionary<HookPoint, float[][]>[] plain = Batch(model, prompts, []);
        Dictionary<HookPoint, float[][]>[] steered = Batch(model, prompts, steer);
        Invariants.AssertSameBits(plain[0], steered[0], $"{name} row 0");
        Invariants.AssertSameBits(plain[2], steered[2], $"{name} row 2");
        var last = new HookPoint(Site.ResidPost, model.Facts.Layers - 1);
        Assert.IsFalse(plain[1][last][^1].AsSpan().SequenceEqual(steered[1][last][^1]));
    }

    [TestMethod]
    public void Run_EveryTokenOfARaggedBatch_IsSteeredAndCountedAsInRunsAlone()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("qwen3-wide-heads-bf16");
        int[][] prompts = [fixture.Tokens(Length), fixture.Tokens(5)];
        ImmutableArray<SteeringOperation> steer = [.. EveryOperator(fixture, SteeringPositions.All)];
        using LensModel model = Invariants.Open(fixture, 2, options => options with { Steer = steer });
        using ModelRun batch = model.Begin(new HookSpec { Steer = steer }, Length + 1, prompts.Length);
        batch.Prefill(prompts);
        batch.Step([3, 4]);
        batch.RequireSteeringApplied();
        Assert.AreEqual((long)steer.Length * (Length + 1 + 5 + 1), batch.SteeringApplied);
        for (int row = 0; row < prompts.Length; row++)
        {
            using ModelRun alone = model.Begin(new HookSpec { Steer = steer }, Length + 1);
            alone.Prefill(prompts[row]);
            alone.Step([3 + row]);
            Closeness.AssertClose<float, float>(alone.Logits(), batch.Logits(row), 2e-5, $"row {row}");
        }
    }

    [TestMethod]
    public void Run_DifferentVectorsForRows_AreThoseOfRunsAlone()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("qwen3-wide-heads-bf16");
        int[] tokens = fixture.Tokens(Length);
        float[] vector = fixture.SteeringVector();
        var point = new HookPoint(Site.MlpIn, 1);
        using LensModel model = Invariants.Open(fixture, 2);
        SteeringOperation[] own = [.. new[] { -1f, 0.5f, 2f }.Select(by => new SteeringOperation(point, [.. vector.Select(value => value * by)]))];
        using ModelRun batch = model.Begin(new HookSpec { Steer = [.. own.Select((operation, row) => operation with { Sequences = [row] })] }, Length, own.Length);
        batch.Prefill([tokens, tokens, tokens]);
        batch.RequireSteeringApplied();
        Assert.AreEqual(own.Length, batch.SteeringApplied);
        for (int row = 0; row < own.Length; row++)
        {
            using ModelRun alone = model.Begin(new HookSpec { Steer = [own[row]] }, Length);
            alone.Prefill(tokens);
            Closeness.AssertClose<float, float>(alone.Logits(), batch.Logits(row), 2e-5, $"row {row}");
        }
    }

    [TestMethod]
    public void Run_RelativeStrength_IsTheNormOfTheRowTimesTheVector()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        int[] tokens = fixture.Tokens(Length);
        float[] vector = fixture.SteeringVector();
        var point = new HookPoint(Site.ResidPost, 1);
        var operation = new SteeringOperation(point, [.. vector.Select(value => value * 0.1f)]) { Unit = SteeringUnit.ActivationNorm, Positions = SteeringPositions.At(5) };
        using LensModel model = Invariants.Open(fixture, 1, options => options with { Steer = [operation] });
        float[] before = Invariants.Run(model, tokens, Length).Sites[point][5];
        float[] after = Invariants.Run(model, tokens, Length, TestBundles.CaptureAll(model) with { Steer = [operation] }).Sites[point][5];
        double norm = Math.Sqrt(before.Sum(value => (double)value * value));
        Closeness.AssertClose<double, float>([.. before.Select((value, i) => value + (norm * 0.1 * vector[i]))], after, Tolerance, "relative");
    }

    [TestMethod]
    public void Run_SeveralDirectionsAblated_LeavesNothingInTheirSpace()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        int[] tokens = fixture.Tokens(Length);
        float[] first = fixture.SteeringVector();
        float[] second = [.. first.Select((value, i) => value + ((i % 3) - 1))];
        var point = new HookPoint(Site.MlpIn, 2);
        SteeringOperation[] ablations = [.. new[] { first, second, first }.Select(vector => new SteeringOperation(point, [.. vector]) { Operator = SteeringOperator.Ablate, Positions = SteeringPositions.All })];
        using LensModel model = Invariants.Open(fixture, 1, options => options with { Steer = [.. ablations] });
        foreach (float[] row in Invariants.Run(model, tokens, Length, TestBundles.CaptureAll(model) with { Steer = [.. ablations] }).Sites[point])
        {
            Assert.AreEqual(0, row.Zip(first, (x, v) => (double)x * v).Sum(), 1e-4);
            Assert.AreEqual(0, row.Zip(second, (x, v) => (double)x * v).Sum(), 1e-4);
            Assert.IsGreaterThan(0.1, row.Max(Math.Abs));
        }
    }

    [TestMethod]
    public void Begin_OperatorTheModelWasOpenedWithout_IsRefused()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        var operation = new SteeringOperation(new HookPoint(Site.MlpIn, 1), [.. fixture.SteeringVector()]) { Operator = SteeringOperator.Ablate };
        using LensModel model = Invariants.Open(fixture, 1);
        SelectionException refusal = Assert.ThrowsExactly<SelectionException>(() => model.Begin(new HookSpec { Steer = [operation] }, Length));
        Assert.Contains("LensModelOptions.Steer", refusal.Message);
        Assert.Contains("no direction", Assert.ThrowsExactly<SelectionException>(() =>
            model.Begin(new HookSpec { Steer = [operation with { Vector = [.. new float[model.Facts.HiddenSize]] }] }, Length)).Message);
    }

    [TestMethod]
    public void RequireSteeringApplied_PositionsThatAreNotThere_Fails()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel model = Invariants.Open(fixture, 1);
        foreach ((SteeringPositions positions, string said) in new[]
        {
            (SteeringPositions.Generated, "steered nothing"), (SteeringPositions.OfTokens(model.Facts.VocabularySize - 1), "steered nothing"),
            (SteeringPositions.Parse("-40"), "were asked for"), (SteeringPositions.Parse("0,900"), "were asked for"),
        })
        {
            using ModelRun run = model.Begin(new HookSpec { Steer = [new SteeringOperation(new HookPoint(Site.MlpIn, 1), [.. fixture.SteeringVector()]) { Positions = positions }] }, Length);
            run.Prefill(fixture.Tokens(Length));
            Assert.Contains(said, Assert.ThrowsExactly<SelectionException>(run.RequireSteeringApplied).Message);
        }
    }

    [TestMethod]
    public void Rewind_SteeredRun_ForgetsTheCountsOfWhatItForgets()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        using LensModel model = Invariants.Open(fixture, 1);
        using ModelRun run = model.Begin(new HookSpec { Steer = [new SteeringOperation(new HookPoint(Site.MlpIn, 1), [.. fixture.SteeringVector()]) { Positions = SteeringPositions.All }] }, Length);
        run.Prefill(fixture.Tokens(10));
        run.Step([3]);
        run.Rewind(6);
        Assert.AreEqual(6, run.SteeringApplied);
        run.Step([4]);
        Assert.AreEqual(7, run.SteeringApplied);
        run.RequireSteeringApplied();
    }

    /// <summary>Every operator at every site of two layers.</summary>
    private static IEnumerable<SteeringOperation> EveryOperator(FixtureCheckpoint fixture, SteeringPositions positions) =>
        from layer in new[] { 0, 2 }
        from site in new[] { Site.AttnIn, Site.MlpIn, Site.ResidPost }
        from form in new[]
        {
            (SteeringOperator.Add, SteeringUnit.Raw, 1f), (SteeringOperator.Add, SteeringUnit.ActivationNorm, 0.1f),
            (SteeringOperator.Ablate, SteeringUnit.Raw, 1f), (SteeringOperator.AddKeepingNorm, SteeringUnit.Raw, 0.5f),
        }
        select new SteeringOperation(new HookPoint(site, layer), [.. fixture.SteeringVector().Select(value => value * form.Item3)])
        {
            Operator = form.Item1,
            Unit = form.Item2,
            Positions = positions,
        };

    private static Dictionary<HookPoint, float[][]>[] Batch(LensModel model, int[][] prompts, ImmutableArray<SteeringOperation> steer)
    {
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model) with { Steer = steer }, Length + 2, prompts.Length);
        run.Prefill(prompts);
        run.Step([5, 6, 7]);
        run.Step([8, 9, 10]);
        return [.. Enumerable.Range(0, prompts.Length).Select(row => Invariants.Sites(model, run, row))];
    }
}
