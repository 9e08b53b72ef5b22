using OnnxLens.Bundles;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Head;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Runtime;

[TestClass]
public sealed class MemoryPlanTests
{
    private static readonly MemoryNeeds Long = new() { PromptLength = 400, Length = 500, CapturedPoints = 4, Cells = 2000 };

    [TestMethod]
    public void Make_RoomEnough_HoldsEverything()
    {
        using LensModel model = TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1);
        var plan = MemoryPlan.Make(model.Bundle, Long, [], 1L << 30);
        Assert.IsFalse(plan.IsWindowed);
        Assert.AreEqual(500, plan.Window);
        Assert.AreEqual(new LensModelOptions().ChunkLength, plan.ChunkLength);
        using ModelRun run = model.Begin(new HookSpec(), 500);
        Assert.AreEqual(run.Cache.Bytes, plan.CacheBytes);
        Assert.AreEqual(4L * 500 * model.Facts.HiddenSize * sizeof(float), plan.CaptureBytes);
    }

    /// <summary>Each shard keeps what its blocks took, and twice that once a chunk came that was as long as one before.</summary>
    [TestMethod]
    public void Make_ShardsAndChunksThatComeAgain_CountWhatEachKeeps()
    {
        string folder = FixtureCheckpoints.Get("llama").Folder;
        long Prefill(int shards, int prompt, int prompts = 1) =>
            MemoryPlan.Make(LensModel.Read(TestBundles.Of(folder, shards)), new MemoryNeeds { PromptLength = prompt, Length = prompt, Prompts = prompts }, []).PrefillBytes;
        int chunk = new LensModelOptions().ChunkLength;
        long block = Prefill(2, chunk) - Prefill(1, chunk);

        Assert.IsGreaterThan(0, block);
        Assert.AreEqual(block, Prefill(1, 2 * chunk) - Prefill(1, chunk));
        Assert.AreEqual(3 * block, Prefill(2, 2 * chunk) - Prefill(1, chunk));
        Assert.AreEqual(Prefill(1, chunk), Prefill(1, (2 * chunk) - 1), "the second chunk is shorter");
        Assert.AreEqual(Prefill(1, 2 * chunk), Prefill(1, chunk, prompts: 2));
    }

    /// <summary>Less is cut first into a window, then into smaller pieces, and in the end refused by what it lacks.</summary>
    [TestMethod]
    public void Make_LessAndLess_StaysWithinTheBudgetOrSaysWhy()
    {
        using LensModel model = TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1);
        long whole = MemoryPlan.Make(model.Bundle, Long, [], long.MaxValue).TotalBytes;
        int window = int.MaxValue;
        bool refused = false;
        for (long budget = whole; budget > 0; budget -= 50_000)
        {
            MemoryPlan plan;
            try
            {
                plan = MemoryPlan.Make(model.Bundle, Long, [], budget);
            }
            catch (SelectionException refusal)
            {
                Assert.Contains("--memory-budget", refusal.Message);
                refused = true;
                break;
            }

            Assert.IsLessThanOrEqualTo(budget, plan.TotalBytes);
            Assert.IsGreaterThanOrEqualTo(Math.Min(plan.ChunkLength, Long.PromptLength), plan.Window);
            window = Math.Min(window, plan.Window);
        }

        Assert.IsTrue(refused);
        Assert.IsLessThan(Long.Length, window);
    }

    [TestMethod]
    public void Make_CapturesThatAreKept_HasNoWindow()
    {
        using LensModel model = TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1);
        MemoryNeeds kept = Long with { KeepsCaptures = true };
        long whole = MemoryPlan.Make(model.Bundle, kept, [], long.MaxValue).TotalBytes;
        var plan = MemoryPlan.Make(model.Bundle, kept, [], whole - 1);
        Assert.IsFalse(plan.IsWindowed);
        Assert.IsLessThan(new LensModelOptions().ChunkLength, plan.ChunkLength);
        SelectionException refusal = Assert.ThrowsExactly<SelectionException>(() => MemoryPlan.Make(model.Bundle, kept, [], plan.CacheBytes));
        Assert.Contains("all of them at once", refusal.Message);
    }

    [TestMethod]
    public void Sibling_OfSeveralCallers_DecodesItsPartOfWhatACallMayHold()
    {
        FixtureCheckpoint fixture = FixtureCheckpoints.Get("llama");
        long row = LmHeadSession.BytesPerRow(fixture.Checkpoint.Architecture.Facts.VocabularySize, DeviceKind.Cpu, ElementType.Float);
        using LensModel model = TestBundles.Open(fixture.Folder, 1, options => options with { HeadMemoryBytes = 8 * row });
        using LmHeadSession one = model.Head.Sibling(1);
        using LmHeadSession ofFour = model.Head.Sibling(4);
        Assert.AreEqual((8, 2), (one.MaxRows, ofFour.MaxRows));
    }

    [TestMethod]
    public void Make_OnADevice_IsBoundByWhatIsGivenOnly()
    {
        using LensModel model = TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1);
        Assert.AreEqual(long.MaxValue, MemoryPlan.Make(model.Bundle, Long, [Device.Parse("cuda:0")]).Budget);
        Assert.IsLessThan(long.MaxValue, MemoryPlan.Make(model.Bundle, Long, []).Budget);
    }

    [TestMethod]
    public void Apply_Options_KeepRowsAndChunksOfThePlan()
    {
        using LensModel model = TestBundles.Open(FixtureCheckpoints.Get("llama").Folder, 1);
        var whole = MemoryPlan.Make(model.Bundle, Long, [], long.MaxValue);
        var plan = MemoryPlan.Make(model.Bundle, Long, [], whole.TotalBytes - (whole.PrefillBytes / 2));
        LensModelOptions options = plan.Apply(new LensModelOptions { Threads = 1 });
        Assert.AreEqual(plan.ChunkLength, options.ChunkLength);
        Assert.AreEqual(plan.HeadRows, LmHeadSession.RowsWithin(model.Facts.VocabularySize, DeviceKind.Cpu, ElementType.Float, options.HeadMemoryBytes));
        Assert.AreEqual(1, options.Threads);
    }
}
