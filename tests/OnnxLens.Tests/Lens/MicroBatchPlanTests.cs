using System.Collections.Immutable;
using OnnxLens.Bundles;
using OnnxLens.Lens;
using OnnxLens.Runtime;

namespace OnnxLens.Tests.Lens;

[TestClass]
public sealed class MicroBatchPlanTests
{
    private static readonly MicroBatchPlan Plan = new(Tokens: 40, ChunkLength: 30, RowsRunTogether: true);

    [TestMethod]
    public void Of_MixedLengths_PutsLikeOnesTogetherAndTheFirstInputFirst()
    {
        AssertRows(Plan.Of(Inputs(10, 3, 10, 4, 9, 3, 10)), [[4, 0, 2, 6], [1, 5, 3]]);
    }

    [TestMethod]
    public void Of_MoreThanTheTokensOfAMicroBatch_BeginsAnother()
    {
        AssertRows(Plan.Of(Inputs(10, 10, 10, 10, 10)), [[0, 1, 2, 3], [4]]);
    }

    [TestMethod]
    public void Of_MorePaddingThanAQuarter_BeginsAnother()
    {
        AssertRows(Plan.Of(Inputs(6, 12)), [[0, 1]]);
        AssertRows(Plan.Of(Inputs(5, 12)), [[0], [1]]);
        AssertRows(Plan.Of(Inputs(6, 6, 13)), [[0, 1], [2]]);
    }

    [TestMethod]
    public void Of_SingleTokensAndLongOnes_RunAlone()
    {
        AssertRows(Plan.Of(Inputs(1, 1, 2, 31, 31, 41, 2)), [[0], [1], [2, 6], [3], [4], [5]]);
    }

    [TestMethod]
    public void Of_FewInputsForSeveralThreads_MakesSmallerMicroBatchesAsFarAsTheyAreUseful()
    {
        MicroBatchPlan plan = Plan with { Tokens = 512, ChunkLength = 512 };
        (int, LensInput)[] inputs = Inputs([.. Enumerable.Repeat(32, 32)]);
        Assert.AreSequenceEqual([16, 16], plan.Of(inputs).Select(batch => batch.Rows.Length).ToArray());
        Assert.AreSequenceEqual([8, 8, 8, 8], plan.Of(inputs, parts: 4).Select(batch => batch.Rows.Length).ToArray());
        Assert.AreSequenceEqual([4, 4, 4, 4, 4, 4, 4, 4], plan.Of(inputs, parts: 100).Select(batch => batch.Rows.Length).ToArray());
        Assert.AreSequenceEqual([3, 3], (plan with { Tokens = 100 }).Of(inputs[..6], parts: 100).Select(batch => batch.Rows.Length).ToArray());
    }

    [TestMethod]
    public void Of_GraphsOfOneRow_RunsEachAlone()
    {
        AssertRows((Plan with { RowsRunTogether = false }).Of(Inputs(4, 4, 3)), [[0], [1], [2]]);
    }

    [TestMethod]
    public void Of_OtherSteering_RunsApart()
    {
        SteeringOperation one = new(new HookPoint(Site.MlpIn, 0), [1, 2]);
        SteeringOperation two = one with { Positions = SteeringPositions.All };
        ImmutableArray<ImmutableArray<SteeringOperation>> steer = [[one, two], [two, one], [], [one, two], []];
        (int, LensInput)[] inputs = [.. Inputs(5, 5, 5, 5, 5).Select((row, i) => (row.Index, row.Input with { Steer = steer[i] }))];
        AssertRows(Plan.Of(inputs), [[0, 3], [1], [2, 4]]);
    }

    private static (int Index, LensInput Input)[] Inputs(params int[] lengths) =>
        [.. lengths.Select((length, i) => (i, new LensInput($"{i}", [.. new int[length]], new LensRequest { Points = [new HookPoint(Site.ResidPost, 0)], Positions = [0] })))];

    private static void AssertRows(ImmutableArray<MicroBatch> batches, int[][] expected)
    {
        Assert.AreEqual(
            string.Join(" | ", expected.Select(rows => string.Join(',', rows))),
            string.Join(" | ", batches.Select(batch => string.Join(',', batch.Rows.Select(row => row.Index)))));
    }
}
