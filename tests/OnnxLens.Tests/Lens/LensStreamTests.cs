using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Generation;
using OnnxLens.Lens;
using OnnxLens.Runtime;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;

namespace OnnxLens.Tests.Lens;

/// <summary>The lens that is decoded while a run goes on, against the lens of the same run afterwards.</summary>
[TestClass]
public sealed class LensStreamTests
{
    private const int New = 12;

    /// <summary>A prompt in chunks of which one is a single token: other kernels.</summary>
    private const double RunInOtherPieces = 1e-4;

    /// <summary>The same activations, in other calls of the head.</summary>
    private const double DecodedInOtherPieces = 2e-6;

    private static readonly int[] Prompt = [1, 17, 5, 99, 3, 42, 7];

    public static IEnumerable<object[]> Windows =>
        from name in FixtureCheckpoints.Names
        from shards in (int[])[1, 2]
        from window in (int[])[1, 3, 7, 100]
        select new object[] { name, shards, window };

    [TestMethod]
    [DynamicData(nameof(Windows))]
    public void Finish_AnyWindow_IsTheLensAfterwards(string name, int shards, int window)
    {
        using LensModel model = Open(name, shards);
        (LensGrid expected, GenerationResult wholeRun) = Whole(model);
        int longest = Prompt.Length + New - 1;
        LensRequest request = Request(model, longest);
        var stream = new LensStream(model, request, longest);
        using ModelRun run = model.Begin(Hooks(model) with { Window = stream.Window(window) }, longest + 1);
        GenerationResult generation = TextGenerator.Generate(run, Prompt, new GenerationOptions { MaxNewTokens = New });
        LensGrid actual = stream.Finish(run, request.Positions, generation.GeneratedIds[^1]);

        Assert.AreSequenceEqual(wholeRun.GeneratedIds.ToArray(), generation.GeneratedIds.ToArray());
        AssertSame(expected, actual, window < Prompt.Length ? RunInOtherPieces : DecodedInOtherPieces);
        Assert.IsLessThanOrEqualTo(window, run.Captures.Length());
        Assert.AreEqual(longest, run.Captures.First + run.Captures.Length());
    }

    [TestMethod]
    public void Finish_SomePositionsOfAShorterRun_GivesThose()
    {
        using LensModel model = Open("llama", 1);
        (LensGrid expected, GenerationResult generated) = Whole(model);
        var stream = new LensStream(model, Request(model, 50), 50);
        using ModelRun run = model.Begin(Hooks(model) with { Window = stream.Window(4) }, 60);
        TextGenerator.Generate(run, Prompt, new GenerationOptions { MaxNewTokens = New });
        LensGrid actual = stream.Finish(run, [2, 9, Prompt.Length + New - 2], generated.GeneratedIds[^1]);

        Assert.AreSequenceEqual(new[] { 2, 9, Prompt.Length + New - 2 }, actual.Positions.ToArray());
        for (int point = 0; point < actual.Points.Length; point++)
        {
            for (int p = 0; p < 3; p++)
            {
                Assert.AreSequenceEqual(expected.TopIdsOf(point, actual.Positions[p]).ToArray(), actual.TopIdsOf(point, p).ToArray());
            }
        }
    }

    [TestMethod]
    public void Finish_PositionsThatWereNotRun_AreRefused()
    {
        using LensModel model = Open("llama", 1);
        var stream = new LensStream(model, Request(model, 20), 20);
        using ModelRun run = model.Begin(Hooks(model) with { Window = stream.Window(4) }, 20);
        run.Prefill(Prompt);
        Assert.ThrowsExactly<SelectionException>(() => stream.Finish(run, [Prompt.Length]));
    }

    [TestMethod]
    public void Window_Cancelled_LeavesTheRunWhereItWas()
    {
        using LensModel model = Open("llama", 2);
        using var cancel = new CancellationTokenSource();
        var stream = new LensStream(model, Request(model, 20), 20, cancellation: cancel.Token);
        using ModelRun run = model.Begin(Hooks(model) with { Window = stream.Window(Prompt.Length) }, 20);
        run.Prefill(Prompt);
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => run.Step([3]));
        Assert.AreEqual(Prompt.Length, run.Tokens().Count);

        LensGrid grid = stream.Finish(run, [.. Enumerable.Range(0, Prompt.Length)], following: 3);
        Assert.AreEqual(0, grid.UndefinedCells);
    }

    [TestMethod]
    public void Read_AReleasedPosition_IsRefused()
    {
        using LensModel model = Open("llama", 1);
        int taken = 0;
        using ModelRun run = model.Begin(Hooks(model) with { Window = new CaptureWindow(4, (_, _) => taken++) }, 20);
        run.Prefill(Prompt);
        Assert.AreEqual(1, taken);
        float[] row = new float[model.Facts.HiddenSize];
        run.Captures.Read(new HookPoint(Site.ResidPost, 0), 0, 4, row);
        SelectionException refusal = Assert.ThrowsExactly<SelectionException>(() => run.Captures.Read(new HookPoint(Site.ResidPost, 0), 0, 3, row));
        Assert.Contains("begins at 4", refusal.Message);
    }

    [TestMethod]
    public void Rewind_WithinAndBeforeTheWindow_GoesOnAsIfItHadNotBeen()
    {
        using LensModel model = Open("llama", 1);
        foreach (int length in (int[])[3, 6])
        {
            using ModelRun expected = model.Begin(Hooks(model), 20);
            expected.Prefill(Prompt.AsSpan(0, length));
            expected.Step([8]);
            using ModelRun run = model.Begin(Hooks(model) with { Window = new CaptureWindow(4, static (_, _) => { }) }, 20);
            run.Prefill(Prompt);
            run.Rewind(length);
            run.Step([8]);
            float[] left = new float[model.Facts.HiddenSize];
            float[] right = new float[model.Facts.HiddenSize];
            expected.Captures.Read(new HookPoint(Site.ResidPost, 1), 0, length, left);
            run.Captures.Read(new HookPoint(Site.ResidPost, 1), 0, length, right);
            Assert.AreSequenceEqual(left, right);
        }
    }

    [TestMethod]
    public void Finish_OfARunThatWentBackToOtherTokens_IsRefused()
    {
        using LensModel model = Open("llama", 1);
        var stream = new LensStream(model, Request(model, 20), 20);
        using ModelRun run = model.Begin(Hooks(model) with { Window = stream.Window(4) }, 20);
        run.Prefill(Prompt);
        run.Rewind(2);
        run.Step([Prompt[2] + 1]);
        Assert.ThrowsExactly<InvalidOperationException>(() => stream.Finish(run, [0, 1]));
    }

    [TestMethod]
    public void Finish_OfARunThatWentBackToTheSameTokens_IsTheLensOfThem()
    {
        using LensModel model = Open("llama", 1);
        (LensGrid expected, _) = Whole(model);
        var stream = new LensStream(model, Request(model, 20), 20);
        using ModelRun run = model.Begin(Hooks(model) with { Window = stream.Window(4) }, 20);
        run.Prefill(Prompt);
        run.Rewind(2);
        foreach (int token in Prompt.AsSpan(2))
        {
            run.Step([token]);
        }

        LensGrid actual = stream.Finish(run, [.. Enumerable.Range(0, Prompt.Length)]);
        for (int position = 0; position < Prompt.Length; position++)
        {
            Assert.AreSequenceEqual(expected.TopIdsOf(0, position).ToArray(), actual.TopIdsOf(0, position).ToArray());
        }
    }

    /// <summary>Given as a list of one, a prompt runs in chunks of the window as well.</summary>
    [TestMethod]
    public void Prefill_AListOfOneLongerThanTheWindow_RunsInChunks()
    {
        using LensModel model = Open("llama", 1);
        int taken = 0;
        using ModelRun run = model.Begin(Hooks(model) with { Window = new CaptureWindow(4, (_, _) => taken++) }, 20);
        run.Prefill([Prompt]);
        Assert.AreEqual(1, taken);
        Assert.AreEqual(Prompt.Length, run.Captures.First + run.Captures.Length());
    }

    private static LensModel Open(string name, int shards) =>
        Invariants.Open(FixtureCheckpoints.Get(name), shards, options => options with
        {
            Capture = HookSpec.Points([Site.ResidPost, Site.MlpIn], Enumerable.Range(0, FixtureCheckpoints.Get(name).Checkpoint.Architecture.Facts.Layers)),
        });

    private static HookSpec Hooks(LensModel model) => new() { Capture = HookSpec.Points([Site.ResidPost, Site.MlpIn], Enumerable.Range(0, model.Facts.Layers)) };

    private static LensRequest Request(LensModel model, int length) =>
        new() { Points = Hooks(model).Capture, Positions = [.. Enumerable.Range(0, length)], TopK = 4, Targets = [5, 11] };

    private static (LensGrid Grid, GenerationResult Generation) Whole(LensModel model)
    {
        using ModelRun run = model.Begin(Hooks(model), Prompt.Length + New);
        GenerationResult generation = TextGenerator.Generate(run, Prompt, new GenerationOptions { MaxNewTokens = New });
        return (LensDecoder.Decode(model, run, Request(model, run.Tokens().Count), generation.GeneratedIds[^1]), generation);
    }

    private static void AssertSame(LensGrid expected, LensGrid actual, double tolerance)
    {
        Assert.AreSequenceEqual(expected.TopIds, actual.TopIds);
        Assert.AreSequenceEqual(expected.TargetRanks, actual.TargetRanks);
        Assert.AreSequenceEqual(expected.NextRanks, actual.NextRanks);
        foreach ((float[] left, float[] right, string what) in new[]
        {
            (expected.TopLogProbs, actual.TopLogProbs, "top"), (expected.Entropy, actual.Entropy, "entropy"), (expected.KlFinalLens, actual.KlFinalLens, "KL"),
            (expected.LogSumExp, actual.LogSumExp, "logsumexp"), (expected.NextLogProbs, actual.NextLogProbs, "next"), (expected.TargetLogProbs, actual.TargetLogProbs, "targets"),
        })
        {
            Closeness.AssertClose<float, float>(left, right, tolerance, what);
        }
    }
}
