using OnnxLens.Eval.Statistics;

namespace OnnxLens.Eval.Tests.Statistics;

[TestClass]
public sealed class LineFitTests
{
    [TestMethod]
    public void Of_TwoPoints_GoesThroughThem()
    {
        var fit = LineFit.Of([-1, 3], [5, -3]);
        Assert.AreEqual(new LineFit(-2, 3, 1), fit);
    }

    [TestMethod]
    [DataRow(0.1)]
    [DataRow(-1e-30)]
    [DataRow(123456.789)]
    public void Of_ConstantRow_HasSlopeZeroAndNoCorrelation(double value)
    {
        double[] x = [-1.3, 0.1, 0.7];
        double[] y = [value, value, value];
        Assert.AreEqual(new LineFit(0, value, null), LineFit.Of(x, y));
        Assert.IsNull(RankCorrelation.Spearman(x, y));
    }

    [TestMethod]
    public void Of_SymmetricRowOnAGridThatIsNotBinary_HasExactlySlopeZero()
    {
        double[] x = [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3];
        double[] y = [1.7, 0.3, 0.9, 0.1, 0.9, 0.3, 1.7];
        Assert.AreEqual(0.0, LineFit.Of(x, y).Slope);
        Assert.AreEqual(0.0, LineFit.Of(x, y).R2);
    }

    [TestMethod]
    public void Of_TinySlopeOnALargeOffset_IsNotTakenForZero()
    {
        double[] x = [-1, 0, 1];
        double step = 1.0 / (1 << 20);
        var fit = LineFit.Of(x, [1e6 - step, 1e6, 1e6 + step]);
        Assert.AreEqual(step, fit.Slope);
        Assert.AreEqual(1e6, fit.Intercept);
        Assert.AreEqual(1, fit.R2);
    }

    [TestMethod]
    [DataRow(new double[] { 1 })]
    [DataRow(new double[] { 0 })]
    [DataRow(new double[] { })]
    [DataRow(new double[] { 0.5, 0.5, 0.5 })]
    public void Of_NoTwoMultipliers_IsRefused(double[] x)
    {
        EvalException failure = Assert.ThrowsExactly<EvalException>(() => LineFit.Of(x, new double[x.Length]));
        Assert.Contains("a slope needs at least two different multipliers", failure.Message);
    }

    [TestMethod]
    public void Of_NotFiniteOrNotAsMany_IsACallersBug()
    {
        Assert.ThrowsExactly<ArgumentException>(() => LineFit.Of([0, 1], [0, double.NaN]));
        Assert.ThrowsExactly<ArgumentException>(() => LineFit.Of([0, double.PositiveInfinity], [0, 1]));
        Assert.ThrowsExactly<ArgumentException>(() => LineFit.Of([0, 1], [0]));
        Assert.ThrowsExactly<ArgumentException>(() => RankCorrelation.Spearman([0, 1], [0]));
    }

    [TestMethod]
    [DataRow(new double[] { 1, 2, 3 }, true)]
    [DataRow(new double[] { 1, 2, 2 }, false)]
    [DataRow(new double[] { 1, 3, 2 }, false)]
    public void RisesAtEveryStep_EachRow_IsStrict(double[] row, bool expected) => Assert.AreEqual(expected, Curves.RisesAtEveryStep(row));

    [TestMethod]
    public void AntiSteerable_SlopeOfExactlyZero_DoesNotCount() => Assert.AreEqual(0.25, Curves.AntiSteerable([-1, 0, -0.0, 2]));
}
