using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Runtime;
using OnnxLens.Testing;
using OnnxLens.Tests.Parity;

namespace OnnxLens.Tests.Runtime;

/// <summary>What a decode step and its logits allocate, once everything is warm, does not grow with what is captured, steered or sharded.</summary>
[TestClass]
[DoNotParallelize]
public sealed class StepAllocationTests
{
    private const int Warm = 20;
    private const int Measured = 64;
    private const int MostBytes = 2 * 1024;

    private readonly FixtureCheckpoint _fixture = FixtureCheckpoints.Get("llama");

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void Step_NothingCaptured_AllocatesLittle(int shards) => RequireLittle(shards, new HookSpec());

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void Step_EverySiteCaptured_AllocatesLittle(int shards) => RequireLittle(shards, new HookSpec { Capture = Points(Sites.All) });

    [TestMethod]
    [DataRow(SteeringOperator.Add, 1)]
    [DataRow(SteeringOperator.Add, 4)]
    [DataRow(SteeringOperator.AddKeepingNorm, 1)]
    [DataRow(SteeringOperator.Ablate, 1)]
    public void Step_SteeredAtEveryPosition_AllocatesLittle(SteeringOperator kind, int shards) =>
        RequireLittle(shards, new HookSpec { Capture = Points([Site.ResidPost]), Steer = Steering(kind, SteeringPositions.All) });

    [TestMethod]
    public void Step_SteeredWhereTokensAreGenerated_AllocatesLittle() =>
        RequireLittle(1, new HookSpec { Capture = Points([Site.ResidPost]), Steer = Steering(SteeringOperator.Add, SteeringPositions.Generated) });

    private ImmutableArray<HookPoint> Points(IEnumerable<Site> sites) =>
        HookSpec.Points(sites, Enumerable.Range(0, _fixture.Checkpoint.Architecture.Facts.Layers));

    private ImmutableArray<SteeringOperation> Steering(SteeringOperator kind, SteeringPositions positions)
    {
        ImmutableArray<float> vector = [.. Enumerable.Range(0, _fixture.Checkpoint.Architecture.Facts.HiddenSize).Select(i => MathF.Cos(i) / 16)];
        return [.. Points([Site.ResidPost, Site.MlpIn]).Select(point => new SteeringOperation(point, vector) { Operator = kind, Positions = positions })];
    }

    private void RequireLittle(int shards, HookSpec hooks)
    {
        using LensModel model = Invariants.Open(_fixture, shards, options => options with { Capture = hooks.Capture, Steer = hooks.Steer });
        using ModelRun run = model.Begin(hooks, 3 + Warm + Measured);
        run.Prefill([1, 2, 3]);
        Step(run, Warm);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Step(run, Measured);
        Assert.IsLessThan(MostBytes, (GC.GetAllocatedBytesForCurrentThread() - before) / Measured);
    }

    private static void Step(ModelRun run, int count)
    {
        int[] token = [4];
        for (int i = 0; i < count; i++)
        {
            run.Step(token);
            _ = run.Logits();
        }
    }
}
