using OnnxLens.Bench.Jobs;
using OnnxLens.Bench.Measuring;

namespace OnnxLens.Bench.Tests;

/// <summary>Which steps of a turn count, and which jobs have turns of several.</summary>
[TestClass]
public sealed class TurnTests
{
    [TestMethod]
    [DataRow(new double[] { 90 }, 90.0)]
    [DataRow(new double[] { 90, 3 }, 3.0)]
    [DataRow(new double[] { 90, 2, 40, 4 }, 4.0)]
    [DataRow(new double[] { 1, 2, 4 }, 3.0)]
    public void StepCost_Turn_IsTheMedianOfThoseAfterTheFirst(double[] costs, double expected) => Assert.AreEqual(expected, Turn.StepCost(costs));

    [TestMethod]
    public void Interleaved_AlikeSteps_HaveTurnsOfEight()
    {
        List<string> log = Log(name => new Variant(name, () => Pieces(name)));
        Assert.AreEqual("aaaaaaaabbbbbbbbbbaa", string.Concat(log.Skip(20).Take(20)));
    }

    [TestMethod]
    public void Interleaved_OtherSteps_HaveTurnsOfOne()
    {
        List<string> log = Log(name => new Variant(name, () => new Unlike(Pieces(name))));
        Assert.AreEqual("abbaabbaabbaabbaabba", string.Concat(log.Skip(20).Take(20)));
    }

    private static readonly List<string> Steps = [];

    private static List<string> Log(Func<string, Variant> variant)
    {
        lock (Steps)
        {
            Steps.Clear();
            double[][] seconds = Interleaved.Seconds([variant("a"), variant("b")], 2, CancellationToken.None);
            Assert.IsTrue(seconds.All(repeats => repeats.Length == 2));
            return [.. Steps];
        }
    }

    private static PieceJob Pieces(string name) => new(10, _ => Steps.Add(name));

    private sealed class Unlike(PieceJob job) : IJob
    {
        public int Steps => job.Steps;

        public void Step(int index) => job.Step(index);

        public void Dispose() => job.Dispose();
    }
}
