using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Onnx;
using OnnxLens.Runtime;
using OnnxLens.Runtime.Devices;
using OnnxLens.Runtime.Operators;
using OnnxLens.Runtime.Pipeline;
using OnnxLens.Runtime.Sessions;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;

namespace OnnxLens.Tests.Runtime;

/// <summary>What would end the process or pass in silence inside the native runtime is stopped before it.</summary>
[TestClass]
[DoNotParallelize]
public sealed class LensModelTests
{
    private readonly FixtureCheckpoint _fixture = FixtureCheckpoints.Get("llama");

    [TestMethod]
    [DataRow(-1)]
    [DataRow(int.MinValue)]
    [DataRow(int.MaxValue)]
    public void Prefill_IdOutOfRange_IsRefused(int id)
    {
        using LensModel model = Invariants.Open(_fixture, 1);
        using ModelRun run = model.Begin(HookSpec.None, 8);
        SelectionException exception = Assert.ThrowsExactly<SelectionException>(() => run.Prefill([1, id]));
        Assert.Contains(id.ToString(System.Globalization.CultureInfo.InvariantCulture), exception.Message);
        run.Prefill([1, 2]);
        Assert.ThrowsExactly<SelectionException>(() => run.Step([id]));
        Assert.ThrowsExactly<SelectionException>(() => run.Step([model.Facts.VocabularySize]));
    }

    [TestMethod]
    public void Prefill_EmptyOrTooLong_IsRefused()
    {
        using LensModel model = Invariants.Open(_fixture, 1);
        using ModelRun run = model.Begin(HookSpec.None, 3);
        Assert.Contains("empty", Assert.ThrowsExactly<SelectionException>(() => run.Prefill(ReadOnlySpan<int>.Empty)).Message);
        Assert.ThrowsExactly<SelectionException>(() => run.Prefill([1, 2, 3, 4]));
        run.Prefill([1, 2, 3]);
        Assert.ThrowsExactly<SelectionException>(() => run.Step([4]));
        Assert.ThrowsExactly<InvalidOperationException>(() => run.Prefill([1]));
    }

    [TestMethod]
    public void Begin_BeyondMaxLength_SaysHowToExport()
    {
        using LensModel model = Invariants.Open(_fixture, 1);
        SelectionException exception = Assert.ThrowsExactly<SelectionException>(() => model.Begin(HookSpec.None, model.Facts.MaxLength + 1));
        Assert.Contains("--max-length", exception.Message);
    }

    [TestMethod]
    public void Begin_HookPointNotOpenedOrAbsent_IsRefused()
    {
        using LensModel model = Invariants.Open(_fixture, 2, options => options with { Capture = [new HookPoint(Site.MlpOut, 1)] });
        Assert.ThrowsExactly<SelectionException>(() => model.Begin(new HookSpec { Capture = [new HookPoint(Site.MlpOut, 2)] }, 4));
        Assert.ThrowsExactly<SelectionException>(() => model.Begin(new HookSpec { Capture = [new HookPoint(Site.MlpOut, 99)] }, 4));
        Assert.ThrowsExactly<SelectionException>(() => model.Begin(new HookSpec { Capture = [new HookPoint(Site.MlpOut, -1)] }, 4));
    }

    [TestMethod]
    public void Begin_VectorThatDoesNotFit_IsRefused()
    {
        using LensModel model = Invariants.Open(_fixture, 2);
        var point = new HookPoint(Site.MlpIn, 1);
        Assert.Contains("3 values", Refuse(new SteeringOperation(point, [1, 2, 3])));
        Assert.Contains("not finite", Refuse(new SteeringOperation(point, [.. Enumerable.Repeat(float.NaN, model.Facts.HiddenSize)])));
        Assert.Contains("Steerable sites", Refuse(new SteeringOperation(new HookPoint(Site.AttnOut, 1), [.. new float[model.Facts.HiddenSize]])));

        string Refuse(SteeringOperation steer) =>
            Assert.ThrowsExactly<SelectionException>(() => model.Begin(new HookSpec { Steer = [steer] }, 4)).Message;
    }

    [TestMethod]
    public void RequireSteeringApplied_PositionNeverRun_Fails()
    {
        using LensModel model = Invariants.Open(_fixture, 2);
        var steer = new SteeringOperation(new HookPoint(Site.MlpIn, 1), [.. new float[model.Facts.HiddenSize]]) { Positions = SteeringPositions.At(1, 7) };
        using ModelRun run = model.Begin(new HookSpec { Steer = [steer] }, 8);
        run.Prefill([1, 2, 3]);
        Assert.AreEqual(1, run.SteeringApplied);
        Assert.ThrowsExactly<SelectionException>(run.RequireSteeringApplied);
    }

    [TestMethod]
    public void Use_AfterDispose_Throws()
    {
        LensModel model = Invariants.Open(_fixture, 2);
        ModelRun run = model.Begin(TestBundles.CaptureAll(model), 8);
        ModelRun other = model.Begin(HookSpec.None, 8);
        run.Prefill([1, 2]);
        run.Dispose();
        run.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => run.Step([1]));
        Assert.ThrowsExactly<ObjectDisposedException>(() => run.Logits());
        Assert.ThrowsExactly<ObjectDisposedException>(() => run.Captures.Read(run.Captures.Points[0], 0, 0, new float[model.Facts.HiddenSize]));
        model.Dispose();
        model.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => other.Prefill([1]));
        Assert.ThrowsExactly<ObjectDisposedException>(() => model.Begin(HookSpec.None, 4));
    }

    [TestMethod]
    public void Dispose_WhileAnotherThreadRuns_EndsThatRunCleanly()
    {
        LensModel model = Invariants.Open(_fixture, 2);
        ModelRun run = model.Begin(HookSpec.None, model.Facts.MaxLength);
        run.Prefill([1]);
        using var started = new ManualResetEventSlim();
        Exception? ended = null;
        var thread = new Thread(() =>
        {
            try
            {
                // Without end: the model is disposed while it runs, however late that is.
                while (true)
                {
                    if (run.Cache.Length() == model.Facts.MaxLength)
                    {
                        run.Rewind(1);
                    }

                    run.Step([1]);
                    started.Set();
                }
            }
            catch (Exception exception)
            {
                ended = exception;
            }
        });
        thread.Start();
        started.Wait();
        model.Dispose();
        thread.Join();
        Assert.IsInstanceOfType<ObjectDisposedException>(ended);
    }

    [TestMethod]
    public void Dispose_Everything_LeavesNoBuffer()
    {
        int before = DeviceBuffer.LiveCount;
        using (LensModel model = Invariants.Open(_fixture, 3))
        {
            HookSpec hooks = TestBundles.CaptureAll(model) with
            {
                Steer = [new SteeringOperation(new HookPoint(Site.MlpIn, 1), [.. new float[model.Facts.HiddenSize]]) { Positions = SteeringPositions.All }],
            };
            using ModelRun run = model.Begin(hooks, 16);
            run.Prefill([1, 2, 3]);
            run.Step([4]);
            LensDecoder.Decode(model, run, new LensRequest { Points = run.Captures.Points, Positions = [0, 3] });
            ModelRun forgotten = model.Begin(hooks, 16, 2);
            forgotten.Prefill([[1, 2], [3]]);
            _ = forgotten.Logits(1);
            Assert.IsGreaterThan(before, DeviceBuffer.LiveCount);
        }

        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }

    [TestMethod]
    public void Begin_AfterARunThatEnded_TakesTheMemoryOfItsCaptures()
    {
        using LensModel model = Invariants.Open(_fixture, 2);
        HookSpec hooks = TestBundles.CaptureAll(model);
        int before = DeviceBuffer.LiveCount;
        int during;
        using (ModelRun first = model.Begin(hooks, 16))
        {
            first.Prefill([9, 8, 7, 6, 5, 4, 3, 2, 1, 10, 11, 12]);
            during = DeviceBuffer.LiveCount;
        }

        int blocks = hooks.Capture.Select(CaptureBuffer.Stored).Distinct().Count();
        Assert.AreEqual(before + blocks, DeviceBuffer.LiveCount, "kept");
        using (ModelRun second = model.Begin(hooks, 15))
        {
            second.Prefill([1, 2, 3, 4, 5]);
            Assert.AreEqual(during, DeviceBuffer.LiveCount, "taken");
            using ModelRun third = model.Begin(hooks, 15);
            third.Prefill([1, 2, 3, 4, 5]);
            Invariants.AssertSameBits(Invariants.Sites(model, third), Invariants.Sites(model, second), "memory that was used before");
        }

        using ModelRun without = model.Begin(HookSpec.None, 16);
        Assert.IsLessThan(during, DeviceBuffer.LiveCount, "given up");
    }

    [TestMethod]
    public void Run_Cancelled_ThrowsAndTheModelStaysGood()
    {
        using LensModel model = Invariants.Open(_fixture, 2);
        using ModelRun run = model.Begin(TestBundles.CaptureAll(model), 16);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => run.Prefill([1, 2, 3], source.Token));
        Assert.AreEqual(0, run.Cache.Length());
        run.Prefill([1, 2, 3]);
        Assert.Throws<OperationCanceledException>(() => run.Step([4], source.Token));
        Assert.AreEqual(3, run.Captures.Length());
        run.Step([4]);
        Assert.AreEqual(4, run.Captures.Length());
    }

    [TestMethod]
    public void Prefill_CancelledBetweenChunks_LeavesTheLogitsOfTheChunksDone()
    {
        using LensModel model = Invariants.Open(_fixture, 2, options => options with { ChunkLength = 1 });
        int[] prompt = _fixture.Tokens(500);
        using ModelRun run = model.Begin(HookSpec.None, 500);
        using var source = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            SpinWait.SpinUntil(() => run.Cache.Length() >= 3);
            source.Cancel();
        });
        watch.Start();
        Assert.Throws<OperationCanceledException>(() => run.Prefill(prompt, source.Token));
        watch.Join();
        int done = run.Tokens().Count;
        Assert.IsInRange(3, 499, done);
        using ModelRun alone = model.Begin(HookSpec.None, 500);
        alone.Prefill(prompt.AsSpan(0, done));
        Invariants.AssertSameBits(alone.Logits(), run.Logits(), "logits");
        alone.Step([5]);
        run.Step([5]);
        Invariants.AssertSameBits(alone.Logits(), run.Logits(), "logits of the next step");
    }

    [TestMethod]
    public void LaneBuffers_TypeThatHasNoSize_LeavesNoBuffer()
    {
        int before = DeviceBuffer.LiveCount;
        var ports = new PortTypes(ElementType.Int64, ElementType.Int64, ElementType.Int64, ElementType.Int64, ElementType.String);
        Assert.Throws<Exception>(() => new LaneBuffers([], ports, ElementType.Float, 1, 8));
        Assert.AreEqual(before, DeviceBuffer.LiveCount);
        using (var buffers = new LaneBuffers([(Device.Cpu, 1)], ports with { ValidLengths = ElementType.Int64, InputIds = ElementType.String }, ElementType.Float, 1, 8))
        {
            Assert.Throws<Exception>(() => buffers.Resize(3));
        }

        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }

    [TestMethod]
    public void PipelineLane_CacheThatIsGone_LeavesNoBuffer()
    {
        LensBundle opened = LensBundle.Open(TestBundles.Of(_fixture.Folder));
        var factory = new SessionFactory(opened, new SessionSettings(1));
        var request = new ShardRequest([], new Dictionary<HookPoint, OperatorNeeds>(), false, opened.Manifest.Model.HeadDim, ElementType.Float);
        using var shard = new ShardSession(factory, opened.Manifest.Shards[0], Device.Cpu, [], request);
        int before = DeviceBuffer.LiveCount;
        var cache = new KvCache(opened.Manifest, _ => Device.Cpu, 1, 8);
        cache.Free();
        Assert.ThrowsExactly<ObjectDisposedException>(() => new PipelineLane([shard], cache, null, ElementType.Float, opened.Manifest.Model.HiddenSize));
        Assert.AreEqual(before, DeviceBuffer.LiveCount);
    }

    [TestMethod]
    public void Open_CudaOnABuildWithoutIt_SaysWhatToInstall()
    {
        InferenceException exception = Assert.ThrowsExactly<InferenceException>(
            () => Invariants.Open(_fixture, 1, options => options with { Devices = [Device.Parse("cuda:0")] }).Dispose());
        Assert.Contains("OnnxLensDevice=cuda", exception.Message);
    }

    [TestMethod]
    public void Open_DevicesThatDoNotFitTheShards_IsRefused() =>
        Assert.ThrowsExactly<SelectionException>(() => Invariants.Open(_fixture, 2, options => options with { Devices = [Device.Cpu, Device.Cpu, Device.Cpu] }).Dispose());

    [TestMethod]
    [DataRow("gpu")]
    [DataRow("cuda")]
    [DataRow("cuda:-1")]
    [DataRow("")]
    public void Parse_NoDevice_IsRefused(string text) =>
        Assert.ThrowsExactly<SelectionException>(() => Device.Parse(text));

    [TestMethod]
    public void Decode_ActivationsThatOverflow_GivesUndefinedCells()
    {
        using LensModel model = Invariants.Open(_fixture, 2);
        float[] huge = [.. Enumerable.Repeat(3e38f, model.Facts.HiddenSize)];
        HookSpec hooks = TestBundles.CaptureAll(model) with
        {
            Steer = [.. new[] { 1, 2 }.Select(layer => new SteeringOperation(new HookPoint(Site.ResidPost, layer), [.. huge]) { Positions = SteeringPositions.At(2) })],
        };
        using ModelRun run = model.Begin(hooks, 8);
        run.Prefill([1, 2]);
        run.Step([3]);
        LensGrid grid = LensDecoder.Decode(model, run, new LensRequest { Points = HookSpec.Points([Site.ResidPost], [0, 3]), Positions = [0, 1, 2], Targets = [5] });
        Assert.AreEqual(1, grid.UndefinedCells);
        int cell = grid.CellIndex(1, 2);
        Assert.AreEqual(-1, grid.TopIds[cell * grid.TopK]);
        Assert.IsTrue(float.IsNaN(grid.LogSumExp[cell]) && float.IsNaN(grid.KlFinalLens[cell]) && float.IsNaN(grid.TargetLogProbs[cell]));
        Assert.AreEqual(-1, grid.TargetRanks[cell]);
        Assert.IsFalse(float.IsNaN(grid.LogSumExp[grid.CellIndex(1, 1)]));
        Assert.IsTrue(float.IsNaN(grid.KlFinalLens[grid.CellIndex(0, 2)]), "KL from a final row that is not a number");
    }
}
