using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;
using OnnxLens.Bench.Scenarios;
using OnnxLens.Bench.Ways;
using OnnxLens.Bundles;
using OnnxLens.Export.Checkpoints;
using OnnxLens.Export.RandomCheckpoints;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Testing;

namespace OnnxLens.Bench.Tests;

/// <summary>The ways that are compared do the same work.</summary>
[TestClass]
public sealed class WayTests
{
    private const int PromptLength = 7;
    private const int Tokens = 9;
    private const int Positions = PromptLength + Tokens - 1;
    private const float Tolerance = 1e-3f;

    private static readonly Lazy<(TempFolder Folder, BenchContext Context)> Shared = new(() =>
    {
        var folder = new TempFolder();
        RandomCheckpoint.Write(folder["checkpoint"], RandomCheckpointOptions.Tiny);
        var options = new BenchOptions { Checkpoint = folder["checkpoint"], PromptLength = PromptLength, Lengths = [2, Tokens], Tokens = 4, Repeats = 1 };
        return (folder, new BenchContext(options, static _ => { }, CancellationToken.None));
    });

    private static BenchContext Context => Shared.Value.Context;

    [ClassCleanup]
    public static void Clean()
    {
        if (Shared.IsValueCreated)
        {
            Shared.Value.Context.Dispose();
            Shared.Value.Folder.Dispose();
        }
    }

    [TestMethod]
    [DataRow("logits-kept")]
    [DataRow("rows")]
    [DataRow("rows-uncached")]
    [DataRow("ours-2-shards")]
    [DataRow("ours-4-shards")]
    [DataRow("rows-bf16", "ours-bf16")]
    [DataRow("rows-uncached-bf16", "ours-bf16")]
    public void Cells_OtherWay_AreThoseOfOurs(string name, string oursName = "ours")
    {
        Cells ours = CellsOf(AllWays.Named(oursName));
        Cells other = CellsOf(AllWays.Named(name));
        Assert.AreEqual(Context.Bundle().Manifest.Model.Layers, ours.Layers);
        Assert.AreEqual(Positions, ours.Positions);
        for (int layer = 0; layer < ours.Layers; layer++)
        {
            for (int position = 0; position < Positions; position++)
            {
                (int top, float logProb, float entropy) = other.At(layer, position);
                (int ourTop, float ourLogProb, float ourEntropy) = ours.At(layer, position);
                Assert.AreEqual(ourTop, top, $"{layer}, {position}");
                Assert.AreEqual(ourLogProb, logProb, Tolerance, $"{layer}, {position}");
                Assert.AreEqual(ourEntropy, entropy, Tolerance, $"{layer}, {position}");
            }
        }
    }

    [TestMethod]
    public void Groups_AllWays_AreEachInOneAtLeast() =>
        Assert.IsTrue(AllWays.List.ToHashSet().SetEquals(AllWays.Groups.SelectMany(group => group)));

    [TestMethod]
    public void Seek_BackwardsAndOn_LeavesARunThatGoesOn()
    {
        foreach (Way way in AllWays.List)
        {
            using OpenWay open = way.Open(Context);
            using IPhasedJob job = open.Begin(Context.Prompt(), Tokens);
            foreach (Phase phase in Enum.GetValues<Phase>())
            {
                for (int step = job.StepsOf(phase) - 1; step >= 0; step -= 2)
                {
                    job.Seek(phase, step);
                    int steps = phase == Phase.Tokens && !way.RunsSequenceAgain ? 3 : 1;
                    for (int next = step; next < Math.Min(step + steps, job.StepsOf(phase)); next++)
                    {
                        job.Step(phase, next);
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Bundle_StoredInBf16_HasOtherWeightsOfTheSameModel()
    {
        LensBundle bundle = Context.Bundle(WeightForm.Bf16);
        Assert.AreEqual(ElementType.BFloat16, CheckpointReader.Read(Context.Bf16Checkpoint()).WeightType);
        Assert.AreEqual(Context.Bundle().Manifest.Model, bundle.Manifest.Model);
        Assert.AreEqual("fp32", bundle.Manifest.Precision);
        Assert.AreNotEqual(Context.Bundle().WeightsHash, bundle.WeightsHash);
        Assert.AreSame(Context.Bundle(), Context.Bundle(WeightForm.Mapped));
    }

    [TestMethod]
    public void Bf16Checkpoint_WeightsStoredInBf16_IsTheCheckpoint()
    {
        using var folder = new TempFolder();
        RandomCheckpoint.Write(folder["checkpoint"], RandomCheckpointOptions.Tiny with { WeightType = ElementType.BFloat16 });
        using var context = new BenchContext(new BenchOptions { Checkpoint = folder["checkpoint"], Lengths = [2] }, static _ => { }, CancellationToken.None);
        Assert.AreEqual(folder["checkpoint"], context.Bf16Checkpoint());
        Assert.AreEqual(context.Bundle().WeightsHash, context.Bundle(WeightForm.Bf16).WeightsHash);
    }

    [TestMethod]
    public void Shared_SeveralLeases_AreOneModelThatClosesWithTheLast()
    {
        ModelLease first = Context.Shared(WeightForm.Bf16);
        ModelLease second = Context.Shared(WeightForm.Bf16);
        LensModel model = first.Model;
        Assert.AreSame(model, second.Model);
        first.Dispose();
        first.Dispose();
        model.Begin(HookSpec.None, Tokens).Dispose();
        second.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Begin(HookSpec.None, Tokens));
        using ModelLease third = Context.Shared(WeightForm.Bf16);
        Assert.AreNotSame(model, third.Model);
    }

    [TestMethod]
    public void Plain_Graph_HasAStepForEveryToken()
    {
        using OpenWay open = AllWays.Plain.Open(Context);
        using IPhasedJob job = open.Begin(Context.Prompt(), Tokens);
        Assert.AreEqual(Tokens - 1, job.StepsOf(Phase.Tokens));
        Assert.AreEqual(0, job.StepsOf(Phase.Lens));
    }

    [TestMethod]
    public void Run_Trajectories_GiveEveryWayInEveryCase()
    {
        Figure[] figures = [.. new Trajectories().Run(Context)];
        foreach (string name in new[] { "T = 2", $"T = {Tokens}" })
        {
            string[] titles = [.. figures.Where(figure => figure.Case == name && figure.Unit == "tokens/s").Select(figure => figure.Name)];
            Assert.AreSequenceEqual(AllWays.List.Select(way => way.Title).ToArray(), titles);
        }

        Assert.IsTrue(figures.All(figure => double.IsFinite(figure.Value.Median)));
        Assert.Contains($"prompt of {Tokens}", figures.Select(figure => figure.Case));
        Assert.ContainsSingle(figures.Where(figure => figure.Name.StartsWith("lens per position", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Run_LoopCost_GivesAShareOfAStep()
    {
        Figure[] figures = [.. new LoopCost().Run(Context)];
        Assert.HasCount(2, figures.Where(figure => figure.Unit == "%" && figure.Value.Median < 100));
        Assert.IsGreaterThan(0, figures[0].Value.Median);
    }

    [TestMethod]
    public void Run_MemoryFloor_ComparesAStepInEveryFormWithOneReading()
    {
        Figure[] figures = [.. new MemoryFloor().Run(Context)];
        Assert.IsTrue(figures.All(figure => figure.Value.Median > 0 && double.IsFinite(figure.Value.Median) && figure.Bound is null));
        Assert.HasCount(2, figures.Where(figure => figure.Unit == "GB/s"));
        Assert.Contains("reading the weights once, fp32, as mapped", figures.Select(figure => figure.Name));
        foreach ((WeightForm form, string reading) in new[]
        {
            (WeightForm.Mapped, "reading the weights once, fp32, as mapped"),
            (WeightForm.Bf16, "reading the weights once, stored in bf16"),
        })
        {
            double step = Milliseconds($"decode step, {form.Title()}");
            double ratio = figures.Single(figure => figure.Name == $"decode step ÷ reading its weights once, {form.Title()}").Value.Median;
            Assert.AreEqual(step / Milliseconds(reading), ratio, 1e-9 * ratio);
        }

        double Milliseconds(string name) => figures.Single(figure => figure.Name == name && figure.Unit == "ms").Value.Median;
    }

    [TestMethod]
    public void Context_LengthsBeyondTheModel_AreRefused()
    {
        using var context = new BenchContext(
            new BenchOptions { Checkpoint = Context.Checkpoint, Folder = Context.Folder, Lengths = [4000] }, static _ => { }, CancellationToken.None);
        SelectionException refusal = Assert.ThrowsExactly<SelectionException>(() => context.Bundle());
        Assert.Contains("--lengths", refusal.Message);
    }

    [TestMethod]
    public void Prompt_GivenIds_AreTakenAndRepeatedForALongerOne()
    {
        using var context = new BenchContext(
            new BenchOptions { Checkpoint = Context.Checkpoint, Folder = Context.Folder, PromptIds = [5, 6, 7], Lengths = [4] }, static _ => { }, CancellationToken.None);
        Assert.AreSequenceEqual(new[] { 5, 6, 7 }, context.Prompt());
        Assert.AreSequenceEqual(new[] { 5, 6, 7, 5 }, context.Prompt(4));
    }

    private static Cells CellsOf(Way way)
    {
        using OpenWay open = way.Open(Context);
        using IPhasedJob job = open.Begin(Context.Prompt(), Tokens);
        job.Step(Phase.Prompt, 0); // A prompt may be run again, as where it is timed.
        foreach (Phase phase in Enum.GetValues<Phase>())
        {
            for (int step = 0; step < job.StepsOf(phase); step++)
            {
                job.Step(phase, step);
            }
        }

        return job switch
        {
            DeferredLensJob deferred => deferred.Cells,
            LogitsKeptJob kept => kept.Cells,
            RowByRowJob rows => rows.Cells,
            _ => throw new InvalidOperationException($"{way.Name} reads no cells."),
        };
    }
}
