using OnnxLens.Bundles;
using OnnxLens.Export.Families;
using OnnxLens.Testing;

namespace OnnxLens.Tests.Reference;

/// <summary>The parts of the reference decoder and lens against values worked out by hand.</summary>
[TestClass]
public sealed class ReferencePartsTests
{
    [TestMethod]
    public void NormOf_ThreeFour_DividesByTheRootOfTheMeanSquare()
    {
        // mean(9, 16) = 12.5; with ε = 12.5 the root is 5.
        ReferenceNorm norm = new([1, 10], 12.5);
        Closeness.AssertClose<double, double>([0.6, 8], norm.Of([3, 4]), 1e-15, "norm");
    }

    [TestMethod]
    public void NormOfEachHead_TwoHeads_NormsEachAlone()
    {
        ReferenceNorm norm = new([1, 10], 0);
        double[] alone = [.. norm.Of([3, 4]), .. norm.Of([-50, 70])];
        Closeness.AssertClose<double, double>(alone, norm.OfEachHead([3, 4, -50, 70]), 0, "heads");
    }

    [TestMethod]
    public void Times_BiasAndWeights_AreRowsTimesVectorPlusBias()
    {
        ReferenceMatrix matrix = new([[1, 2], [3, 4], [5, 6]], [100, 200, 300]);
        Assert.AreSequenceEqual(new double[] { 121, 243, 365 }, matrix.Times([1, 10]));
    }

    [TestMethod]
    public void Rotate_QuarterTurn_PairsTheHalves()
    {
        // Pair 0 turns by π/2: (x, y) → (−y, x). Pair 1 does not turn. The second head turns like the first.
        double[] row = [1, 2, 3, 4, 5, 6, 7, 8];
        ReferenceRope.Rotate(row, [Math.PI / 4, 0], position: 2);
        Closeness.AssertClose<double, double>([-3, 2, 1, 4, -7, 6, 5, 8], row, 1e-14, "rotated");
    }

    [TestMethod]
    public void InverseFrequencies_Unscaled_ArePowersOfTheta()
    {
        double[] frequencies = ReferenceRope.InverseFrequencies(new RopeSpec(10000, new RopeScaling.None()), 8);
        Closeness.AssertClose<double, double>([1, 0.1, 0.01, 0.001], frequencies, 1e-15, "frequencies");
    }

    [TestMethod]
    public void InverseFrequencies_Linear_AreDividedByTheFactor()
    {
        double[] frequencies = ReferenceRope.InverseFrequencies(new RopeSpec(10000, new RopeScaling.Linear(4)), 8);
        Closeness.AssertClose<double, double>([0.25, 0.025, 0.0025, 0.00025], frequencies, 1e-15, "frequencies");
    }

    [TestMethod]
    public void InverseFrequencies_Llama3_KeepsRampsAndDivides()
    {
        // Frequencies 1, 0.1, 0.01, 0.001 have wavelengths 6.28, 62.8, 628, 6283; the ramp lies from 30 to 120.
        RopeScaling.Llama3 scaling = new(Factor: 8, LowFrequencyFactor: 1, HighFrequencyFactor: 4, OriginalLength: 120);
        double[] frequencies = ReferenceRope.InverseFrequencies(new RopeSpec(10000, scaling), 8);
        double smooth = ((120 / (2 * Math.PI * 10)) - 1) / 3;
        double ramped = 0.1 * (((1 - smooth) / 8) + smooth);
        Closeness.AssertClose<double, double>([1, ramped, 0.01 / 8, 0.001 / 8], frequencies, 1e-15, "frequencies");
    }

    [TestMethod]
    public void Readout_KnownProbabilities_HasTheirLogarithms()
    {
        // Probabilities 1/10, 2/10, 7/10, with the logits moved by a constant that must not matter.
        ReferenceReadout readout = new([Math.Log(1) + 900, Math.Log(2) + 900, Math.Log(7) + 900]);
        Assert.AreEqual(Math.Log(10) + 900, readout.LogSumExp, 1e-12);
        Closeness.AssertClose<double, double>([Math.Log(0.1), Math.Log(0.2), Math.Log(0.7)], readout.LogProbs, 1e-12, "log-probabilities");
        Assert.AreEqual(-(0.1 * Math.Log(0.1)) - (0.2 * Math.Log(0.2)) - (0.7 * Math.Log(0.7)), readout.Entropy, 1e-12);
    }

    [TestMethod]
    public void KlTo_TwoDistributions_IsTheSumOverTheFirst()
    {
        ReferenceReadout half = new([0, 0]);
        ReferenceReadout quarter = new([0, Math.Log(3)]);
        Assert.AreEqual((0.5 * Math.Log(2)) + (0.5 * Math.Log(2.0 / 3)), half.KlTo(quarter), 1e-12);
        Assert.AreEqual((0.25 * Math.Log(0.5)) + (0.75 * Math.Log(1.5)), quarter.KlTo(half), 1e-12);
        Assert.AreEqual(0, half.KlTo(half), 1e-15);
    }

    [TestMethod]
    public void TopIdsAndRank_Ties_GoByLowerId()
    {
        ReferenceReadout readout = new([1, 5, 3, 5, 3, 9]);
        Assert.AreSequenceEqual(new[] { 5, 1, 3, 2, 4, 0 }, readout.TopIds(6));
        Assert.AreSequenceEqual(new[] { 5, 1, 3, 2, 4, 0 }, [.. Enumerable.Range(0, 6).OrderBy(readout.Rank)]);
        Assert.AreEqual(2, readout.Rank(3));
    }

    [TestMethod]
    public void Steering_Operators_AreTheirFormulas()
    {
        HookPoint point = new(Site.MlpIn, 0);
        Closeness.AssertClose<double, double>([7, 10], ReferenceSteering.Add(point, [3, 4], 2).Apply([1, 2], 0), 1e-15, "add");
        Closeness.AssertClose<double, double>([-4, 3], ReferenceSteering.Ablate(point, [30, 40]).Apply([-1, 7], 0), 1e-13, "ablate");
        // (0, 5) + (3, −1) = (3, 4), whose norm is 5 already; twice as long a sum is brought back to the old norm.
        Closeness.AssertClose<double, double>([3, 4], ReferenceSteering.AddKeepingNorm(point, [3, -1]).Apply([0, 5], 0), 1e-14, "same norm");
        Closeness.AssertClose<double, double>([3, 4], ReferenceSteering.AddKeepingNorm(point, [6, 3]).Apply([0, 5], 0), 1e-14, "norm kept");
    }

    [TestMethod]
    public void Steering_Positions_LeavesTheOthers()
    {
        ReferenceSteering steering = ReferenceSteering.Add(new HookPoint(Site.AttnIn, 0), [1], positions: [1, 3]);
        double[] steered = [.. Enumerable.Range(0, 5).Select(position => steering.Apply([0], position)[0])];
        Assert.AreSequenceEqual(new double[] { 0, 1, 0, 1, 0 }, steered);
    }

    [TestMethod]
    public void Steering_SiteThatIsNotSteerable_IsRefused() =>
        Assert.ThrowsExactly<ArgumentException>(() => ReferenceSteering.Add(new HookPoint(Site.ResidMid, 0), [1]));
}
