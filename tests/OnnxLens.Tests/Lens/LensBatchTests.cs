using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;

namespace OnnxLens.Tests.Lens;

/// <summary>Many inputs: what comes of each is what comes of it alone, in the order of the inputs, and nothing stays behind.</summary>
[TestClass]
public sealed class LensBatchTests
{
    // Short, long, equal, a single token, longer than a chunk; in no order.
    private static readonly int[] Lengths = [5, 1, 17, 3, 40, 5, 2, 9, 33, 1, 12, 4];

    private readonly FixtureCheckpoint _fixture = FixtureCheckpoints.Get("llama");

    [TestMethod]
    [DynamicData(nameof(GoldenCases.All), typeof(GoldenCases))]
    public void Run_RaggedInputs_GivesTheBitsOfEachAlone(string name)
    {
        GoldenCase golden = GoldenCases.Require(name);
        foreach (int shards in (int[])[1, 2])
        {
            using LensModel model = TestBundles.Open(golden.CheckpointFolder, shards, options => options with { Threads = 1, ChunkLength = 24 });
            LensInput[] inputs = Inputs(model, Lengths);
            var batch = new LensBatchOptions { MicroBatchTokens = 48, LookAheadTokens = 60, InFlight = 3 };
            AssertAlone(model, inputs, [.. LensBatch.Run(model, inputs, batch)], $"{name}, {shards} shards");
        }
    }

    [TestMethod]
    public void Run_Steered_AppliesEachInputsOwnAndCountsIt()
    {
        using LensModel model = Open(2);
        ImmutableArray<float> vector = [.. Enumerable.Range(0, model.Facts.HiddenSize).Select(i => MathF.Sin(i))];
        ImmutableArray<SteeringOperation> label = [new(new HookPoint(Site.MlpIn, 1), vector)];
        ImmutableArray<SteeringOperation> all = [.. label, new(new HookPoint(Site.ResidPost, 2), vector) { Positions = SteeringPositions.All }];
        LensInput[] inputs = [.. Inputs(model, Lengths).Select((input, i) => input with { Steer = (i % 3) switch { 0 => [], 1 => label, _ => all } })];
        LensBatchResult[] results = [.. LensBatch.Run(model, inputs, new LensBatchOptions { InFlight = 2 })];
        AssertAlone(model, inputs, results, "steered");
        foreach (LensBatchResult result in results)
        {
            int[] expected = (result.Index % 3) switch { 0 => [], 1 => [1], _ => [1, Lengths[result.Index]] };
            Assert.AreSequenceEqual(expected, result.Steered);
        }

        Assert.AreNotEqual(results[0].Grid.LogSumExp[^1], results[5].Grid.LogSumExp[^1]);
    }

    [TestMethod]
    public void Run_SteeringThatReachesNoPositionOfOneInput_NamesTheInput()
    {
        using LensModel model = Open(1);
        ImmutableArray<SteeringOperation> fourth = [new(new HookPoint(Site.MlpIn, 1), [.. new float[model.Facts.HiddenSize]]) { Positions = SteeringPositions.At(3) }];
        LensInput[] inputs = [.. Inputs(model, [9, 9, 2, 9]).Select(input => input with { Steer = fourth })];
        SelectionException refusal = Assert.ThrowsExactly<SelectionException>(() => LensBatch.Run(model, inputs).Count());
        Assert.Contains("Input 'input 2': The steering positions '3' name one that a prompt of 2 tokens does not have", refusal.Message);
    }

    [TestMethod]
    public void Run_InputThatDoesNotFit_ComesBehindTheResultsBeforeIt()
    {
        using LensModel model = Open(2);
        LensInput[] inputs = Inputs(model, Lengths);
        inputs[7] = inputs[7] with { Tokens = [.. inputs[7].Tokens[..^1], model.Facts.VocabularySize] };
        List<LensBatchResult> results = [];
        SelectionException refusal = Assert.ThrowsExactly<SelectionException>(() => results.AddRange(Yielding(LensBatch.Run(model, inputs), results.Add)));
        Assert.Contains("Input 'input 7': Token id", refusal.Message);
        AssertAlone(model, inputs[..7], [.. results], "before the refusal");
    }

    [TestMethod]
    [DataRow("empty")]
    [DataRow("long")]
    [DataRow("unopened")]
    [DataRow("position")]
    [DataRow("sequences")]
    public void Run_InputOfAnotherModel_IsRefused(string kind)
    {
        using LensModel model = Open(1, options => options with { Capture = [HookPoint.Final(FixtureFacts)] });
        LensInput good = Inputs(model, [4])[0] with { Request = new LensRequest { Points = [HookPoint.Final(model.Facts)], Positions = [3] } };
        (LensInput input, string fragment) = kind switch
        {
            "empty" => (good with { Tokens = [] }, "The prompt is empty"),
            "long" => (good with { Tokens = [.. new int[model.Facts.MaxLength + 1]] }, "this bundle runs at most"),
            "unopened" => (good with { Request = good.Request with { Points = [new HookPoint(Site.MlpIn, 0)] } }, "the model was opened without it"),
            "position" => (good with { Request = good.Request with { Positions = [4] } }, "Position 4 was not run"),
            _ => (good with { Steer = [new(new HookPoint(Site.MlpIn, 1), [.. new float[model.Facts.HiddenSize]]) { Sequences = [0] }] }, "names sequences of a batch"),
        };
        SelectionException refusal = Assert.ThrowsExactly<SelectionException>(() => LensBatch.Run(model, [input]).Count());
        Assert.StartsWith("Input 'input 0': ", refusal.Message);
        Assert.Contains(fragment, refusal.Message);
    }

    [TestMethod]
    public void Run_LongEnumeration_IsReadOnlyAsFarAheadAsAsked()
    {
        using LensModel model = Open(2);
        int read = 0;
        LensInput input = Inputs(model, [10])[0];
        IEnumerable<LensInput> Endless()
        {
            while (true)
            {
                read++;
                yield return input;
            }
        }

        var options = new LensBatchOptions { MicroBatchTokens = 20, LookAheadTokens = 100, InFlight = 2 };
        int taken = 0;
        foreach (LensBatchResult result in LensBatch.Run(model, Endless(), options))
        {
            Assert.AreEqual(taken++, result.Index);
            Assert.IsLessThanOrEqualTo(taken + 20, read);
            if (taken == 200)
            {
                break;
            }
        }

        Assert.AreEqual(200, taken);
    }

    [TestMethod]
    public void Run_Cancelled_StopsAndTheModelStaysGood()
    {
        using LensModel model = Open(2);
        LensInput[] inputs = Inputs(model, [.. Enumerable.Repeat(30, 200)]);
        using var source = new CancellationTokenSource();
        int taken = 0;
        var options = new LensBatchOptions { MicroBatchTokens = 30, LookAheadTokens = 90, InFlight = 3 };
        OperationCanceledException ended = Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (LensBatchResult result in LensBatch.Run(model, inputs, options, source.Token))
            {
                if (++taken == 5)
                {
                    source.Cancel();
                }
            }
        });
        Assert.AreEqual(source.Token, ended.CancellationToken);
        Assert.AreEqual(5, taken);
        AssertAlone(model, inputs[..3], [.. LensBatch.Run(model, inputs[..3], options)], "after the cancel");
    }

    [TestMethod]
    public void Run_EndedInAnyWay_LeavesNoBufferAndNoThread()
    {
        int before = DeviceBuffer.LiveCount;
        using (LensModel model = Open(2))
        {
            LensInput[] inputs = Inputs(model, [.. Enumerable.Repeat(20, 40)]);
            int opened = DeviceBuffer.LiveCount;
            var options = new LensBatchOptions { MicroBatchTokens = 40, InFlight = 3 };
            _ = LensBatch.Run(model, inputs, options).Take(3).Last();
            Assert.AreEqual(opened, DeviceBuffer.LiveCount, "left early");
            _ = LensBatch.Run(model, inputs, options).Count();
            Assert.AreEqual(opened, DeviceBuffer.LiveCount, "run to the end");
            IEnumerable<LensInput> failing = inputs.Select((input, i) => i == 30 ? throw new InvalidDataException("no more") : input);
            Assert.ThrowsExactly<InvalidDataException>(() => LensBatch.Run(model, failing, options).Count());
            Assert.AreEqual(opened, DeviceBuffer.LiveCount, "failed");
        }

        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }

    [TestMethod]
    public void Run_ModelDisposedMeanwhile_EndsWithAnException()
    {
        LensModel model = Open(2);
        LensInput[] inputs = Inputs(model, [.. Enumerable.Repeat(30, 100)]);
        Assert.ThrowsExactly<ObjectDisposedException>(() =>
        {
            foreach (LensBatchResult result in LensBatch.Run(model, inputs, new LensBatchOptions { MicroBatchTokens = 30, LookAheadTokens = 60, InFlight = 2 }))
            {
                model.Dispose();
            }
        });
    }

    [TestMethod]
    public void Run_ModelOpenedForBranches_IsRefused()
    {
        using LensModel model = Open(1, options => options with { Branching = Branching.Shared });
        Assert.ThrowsExactly<InvalidOperationException>(() => LensBatch.Run(model, []));
    }

    [TestMethod]
    public void Run_NoInputs_GivesNothing()
    {
        using LensModel model = Open(1);
        Assert.IsEmpty(LensBatch.Run(model, []));
    }

    [TestMethod]
    [DataRow(0, 2, 8, 1)]
    [DataRow(1, 2, 8, 3)]
    [DataRow(1, 2, 2, 2)]
    [DataRow(4, 2, 2, 1)]
    [DataRow(1, 4, 64, 5)]
    public void InFlight_NotAskedFor_IsWhatStagesAndCoresAllow(int threads, int shards, int cores, int expected)
    {
        using LensModel model = Open(shards, options => options with { Threads = threads });
        Assert.AreEqual(expected, LensBatch.InFlight(new LensBatchOptions(), model, cores));
        Assert.AreEqual(7, LensBatch.InFlight(new LensBatchOptions { InFlight = 7 }, model, cores));
    }

    internal static void AssertAlone(LensModel model, LensInput[] inputs, LensBatchResult[] results, string what)
    {
        Assert.HasCount(inputs.Length, results, what);
        for (int i = 0; i < inputs.Length; i++)
        {
            LensInput input = inputs[i];
            Assert.AreEqual(i, results[i].Index, what);
            Assert.AreSame(input, results[i].Input, what);
            using ModelRun run = model.Begin(new HookSpec { Capture = input.Request.Captured(model.Facts), Steer = input.Steer }, input.Tokens.Length);
            run.Prefill(input.Tokens.AsSpan());
            AssertSame(LensDecoder.Decode(model, run, input.Request), results[i].Grid, $"{what}, {input.Name}");
        }
    }

    private static void AssertSame(LensGrid expected, LensGrid actual, string what)
    {
        Assert.AreSequenceEqual(expected.Positions, actual.Positions, what);
        Assert.AreSequenceEqual(expected.TopIds, actual.TopIds, what);
        Assert.AreSequenceEqual(expected.NextRanks, actual.NextRanks, what);
        Assert.AreSequenceEqual(expected.TargetRanks, actual.TargetRanks, what);
        foreach ((float[] there, float[] here, string name) in new[]
        {
            (expected.TopLogProbs, actual.TopLogProbs, "top"), (expected.LogSumExp, actual.LogSumExp, "logsumexp"), (expected.Entropy, actual.Entropy, "entropy"),
            (expected.KlFinalLens, actual.KlFinalLens, "kl"), (expected.NextLogProbs, actual.NextLogProbs, "next"), (expected.TargetLogProbs, actual.TargetLogProbs, "targets"),
        })
        {
            Invariants.AssertSameBits(there, here, $"{what}: {name}");
        }
    }

    private static IEnumerable<LensBatchResult> Yielding(IEnumerable<LensBatchResult> results, Action<LensBatchResult> take)
    {
        foreach (LensBatchResult result in results)
        {
            take(result);
        }

        return [];
    }

    private ModelFacts FixtureFacts => _fixture.Checkpoint.Architecture.Facts;

    private LensModel Open(int shards, Func<LensModelOptions, LensModelOptions>? change = null) => Invariants.Open(_fixture, shards, change);

    private static LensInput[] Inputs(LensModel model, int[] lengths) =>
    [
        .. lengths.Select((length, i) => new LensInput(
            $"input {i}",
            [.. Enumerable.Range(0, length).Select(t => ((i * 31) + (t * 7) + 3) % model.Facts.VocabularySize)],
            new LensRequest
            {
                Points = HookSpec.Points([Site.ResidPost, Site.MlpIn], Enumerable.Range(0, model.Facts.Layers)),
                Positions = i % 2 == 0 ? [.. Enumerable.Range(0, length)] : [length - 1],
                TopK = 3,
                Targets = [7, 11],
            })),
    ];
}
